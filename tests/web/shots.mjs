// Screenshots of every view, large and small, light and dark: build/shots/VIEW-SIZE-THEME.png
//   node tests/web/shots.mjs [VIEW[?PARAMS] ...] [--seconds N] [--only desktop-light]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SIZES, launch, open } from './browser.mjs';
import { Hertzd, ROOT } from './hertzd.mjs';

const args = process.argv.slice(2);
const option = (name, otherwise) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : args.splice(at, 2)[1];
};
const seconds = Number(option('--seconds', 12)), only = option('--only', '');
const views = args.length ? args : ['now', 'spectrum', 'map', 'messages', 'sound'];
const out = join(ROOT, 'build/shots');
mkdirSync(out, { recursive: true });

const hertzd = await new Hertzd().start();
const browser = await launch();
try {
    await new Promise(next => setTimeout(next, seconds * 1000)); // something to see
    for (const size of Object.keys(SIZES))
        for (const dark of [false, true]) {
            if (only && only !== `${size}-${dark ? 'dark' : 'light'}`) continue;
            for (const view of views) {
                const page = await open(browser, `${hertzd.url}#/${view}`, { size, dark });
                await page.waitForTimeout(3500);
                const name = `${view.replace(/\W+/g, '_')}-${size}-${dark ? 'dark' : 'light'}.png`;
                await page.screenshot({ path: join(out, name) });
                for (const fault of page.faults) console.log(`${name}: ${fault}`);
                await page.context().close();
            }
        }
    console.log(`${out}: done`);
} finally {
    await browser.close();
    await hertzd.end();
}
