// The files of the page, for the servers that stand in for hertzd.
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ROOT } from './hertzd.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain', '.bin': 'application/octet-stream' };

/** The type and the bytes of the file at a path of the server. Throws where there is none. */
export function pageFile(path) {
    const name = path === '/' ? '/index.html' : path;
    return { type: TYPES[extname(name)] ?? 'text/plain', data: readFileSync(join(ROOT, 'web/dist', name.replaceAll('..', ''))) };
}
