// A line for each test: "ok - FILE: NAME", "not ok - …" with what was wrong, as tests/run counts them.
import { basename } from 'node:path';

export default async function* (events) {
    for await (const { type, data } of events) {
        if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
        if (type !== 'test:pass' && type !== 'test:fail') continue;
        if (data.nesting > 0 || data.details?.type === 'suite' || data.name.endsWith('.mjs')) continue;
        const name = `${basename(data.file ?? '').replace('.test.mjs', '')}: ${data.name}`;
        if (type === 'test:pass') {
            yield data.skip === undefined ? `ok - ${name}\n` : `ok - ${name} # SKIP ${data.skip}\n`;
        } else {
            const e = data.details.error, cause = e.cause ?? e;
            yield `not ok - ${name}\n  ---\n  ${String(cause.stack ?? cause.message ?? cause).replaceAll('\n', '\n  ')}\n  ...\n`;
        }
    }
}
