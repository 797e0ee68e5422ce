// The tests of the page, in a real browser against a real hertzd: TAP, as tests/run counts it.
//   node tests/web/run.mjs [WORD ...]     only tests whose name has one of the words
// A file test_*.mjs exports `tests`: [name, async ({browser, hertzd}) => …]. They share one browser and one
// hertzd with the bands of the demo; a test that stops or changes hertzd starts its own.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '../..');
const LIMIT_S = 120; // a test that hangs is a failure

function skip(why) {
    console.log(`ok - page # SKIP ${why}`);
    process.exit(0);
}

if (!existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) skip('chromium is not installed; .ci/setup test installs it');
try {
    execFileSync('make', ['-s', 'web/node_modules/.package-lock.json'], { cwd: root, stdio: 'pipe' });
} catch (e) {
    skip(`npm cannot install the packages of web/package-lock.json: ${String(e.stderr).trim().split('\n')[0]}`);
}

const { launch } = await import('./browser.mjs');
const { Hertzd } = await import('./hertzd.mjs');
const words = process.argv.slice(2);
const chosen = [];
for (const file of readdirSync(here).filter(f => /^test_.*\.mjs$/.test(f)).sort()) {
    const { tests } = await import(pathToFileURL(join(here, file)));
    for (const [name, run] of tests) {
        const full = `${file.slice(5, -4)}: ${name}`;
        if (!words.length || words.some(w => full.includes(w))) chosen.push([full, run]);
    }
}

const browser = await launch();
const hertzd = await new Hertzd().start();
let failed = 0;
for (const [name, run] of chosen) {
    let timer;
    const limit = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`not done after ${LIMIT_S} s`)), LIMIT_S * 1000)));
    try {
        await Promise.race([run({ browser, hertzd }), limit]);
        console.log(`ok - ${name}`);
    } catch (e) {
        failed++;
        console.log(`not ok - ${name}\n  ---\n  ${String(e.stack ?? e).replaceAll('\n', '\n  ')}\n  ...`);
    }
    clearTimeout(timer);
    await Promise.all(browser.contexts().map(c => c.close()));
}
await browser.close();
await hertzd.end();
console.log(`1..${chosen.length}`);
process.exit(failed ? 1 : 0);
