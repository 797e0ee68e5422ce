// Builds dist/ from src/: what the program embeds. `node build.mjs --out DIR` builds elsewhere, which is
// how the check compares. The output depends on the sources and the lock file only.
import { build } from 'esbuild';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLand } from './tools/land.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--out');
const out = at > 0 ? process.argv[at + 1] : join(here, 'dist');
process.chdir(here);

// Files that are served as they are: [from, name]. Each has a line in daemon/serve/page.c too.
const assets = [
    ['src/index.html', 'index.html'],
    ['src/icon.svg', 'icon.svg'],
];

// import fields from 'fields:': unit and meaning of each field of each decoder, from the tables of
// docs/decoders.md. A decoder with the same table as another has only its name.
const fields = {
    name: 'fields',
    setup(b) {
        b.onResolve({ filter: /^fields:$/ }, () => ({ path: 'fields', namespace: 'fields' }));
        b.onLoad({ filter: /.*/, namespace: 'fields' }, () => {
            const text = readFileSync('../docs/decoders.md', 'utf8'), all = {}, seen = new Map();
            for (const [, name, rows] of text.matchAll(/^\| field of `(.+?)` .*\n\|[-|]+\n((?:\|.*\n)*)/gm)) {
                if (seen.has(rows)) {
                    all[name] = seen.get(rows);
                    continue;
                }
                all[name] = Object.fromEntries([...rows.matchAll(/^\| `(.+?)` \| *(.*?) *\| *(.*?) *\|$/gm)].map(m => [m[1], [m[2], m[3]]]));
                seen.set(rows, name);
            }
            return { contents: JSON.stringify(all), loader: 'json' };
        });
    },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const result = await build({
    // opus.js is loaded by sound/decoder.ts where the browser has no decoder of its own.
    entryPoints: { app: 'src/main.ts', opus: 'src/sound/opus.ts' },
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none', // NOTICES.txt has them
    metafile: true,
    plugins: [fields],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
});
for (const [from, name] of assets) cpSync(from, join(out, name));
makeLand(out);

// The licence of every package that the bundle or an asset has something of.
const used = [...Object.keys(result.metafile.inputs), ...assets.map(([from]) => from), 'node_modules/world-atlas/']
    .map(path => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(name => name);
const notices = [...new Set(used)].sort().map(name => {
    const dir = join('node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const file = readdirSync(dir).find(f => /^licen[cs]e(\.|$)/i.test(f));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(dir, file), 'utf8').trim() : ''}\n`;
});
writeFileSync(
    join(out, 'NOTICES.txt'),
    'The page of hertzd contains parts of these packages.\n\n' +
        (notices.length ? notices.join(`\n${'-'.repeat(78)}\n\n`) : 'None.\n'),
);
