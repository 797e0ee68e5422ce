// The tests of the page: real browser, real hertzd; prints TAP as tests/run counts it.
//   node tests/web/run.mjs [FILE.test.mjs ...] [--test-name-pattern=WORDS]
// Without Chromium, or without npm's packages, it says why it is skipped.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '../..');

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

const args = process.argv.slice(2), options = args.filter(a => a.startsWith('--'));
const named = args.filter(a => !a.startsWith('--'));
const files = named.length ? named : readdirSync(here).filter(f => f.endsWith('.test.mjs')).sort().map(f => join(here, f));
const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter', join(here, 'reporter.mjs'), ...options, ...files], { stdio: 'inherit' });
tests.on('exit', code => process.exit(code ?? 1));
