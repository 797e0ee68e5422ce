// The map, on a sky that is known exactly (sky.mjs): what is shown, chosen, filtered, moved and forgotten; and
// that the land is where it is on the earth.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, launch, open } from './browser.mjs';
import { DEMO, Hertzd } from './hertzd.mjs';
import { Sky } from './sky.mjs';

let browser;

before(async () => {
    browser = await launch();
});
after(async () => {
    await browser.close();
});

/** A page with the map of a sky; both end after `run`. */
async function withMap(sky, { hash = '#/map', options = {} }, run) {
    await sky.start();
    const page = await open(browser, sky.url + hash, options);
    try {
        await page.waitForFunction(() => document.querySelector('.map-handle')?.textContent.includes('target') && document.querySelector('.map-rows .map-row'));
        await run(page);
        assert.deepEqual(page.faults, []);
    } finally {
        await page.context().close();
        await sky.end();
    }
}

const shown = (page, n) => page.waitForFunction(want => document.querySelector('.map-handle').textContent.match(/\d+/)?.[0] === String(want), n);
const param = (page, name) => page.evaluate(n => new URLSearchParams(location.hash.split('?')[1]).get(n), name);
const hasParam = (page, name, value) => page.waitForFunction(([n, v]) => new URLSearchParams(location.hash.split('?')[1]).get(n) === v, [name, value]);
const quiet = { perSecond: 0 };

test('all targets are in the list, by distance; the map can be read without a mouse', async () => {
    await withMap(new Sky({ ...quiet, aircraft: 12, ships: 5, stations: 3 }), {}, async page => {
        await shown(page, 20);
        assert.equal(await page.getAttribute('.map-list', 'aria-rowcount'), '21');
        assert.deepEqual(await page.$$eval('.map-kind:not([hidden]) b', all => all.map(b => b.textContent)), ['12', '5', '3']);
        const far = await page.$$eval('.map-rows .map-row:not([hidden]) .map-cell-distance', all => all.map(c => Number(c.textContent.replace(/[^0-9.]/g, ''))));
        assert.ok(far.length > 10 && far.every((d, i) => i === 0 || d >= far[i - 1]), far.join(' '));
        assert.equal(await page.textContent('.map-unreal'), 'simulated');
        await page.focus('.map-list');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.map-panel:not([hidden])');
        const id = await param(page, 'id');
        assert.match(await page.textContent('.map-panel header p'), new RegExp(id));
        assert.equal(await page.evaluate(() => document.activeElement.closest('.map-panel') !== null), true);
        assert.deepEqual(await findings(page), []);
        await page.keyboard.press('Escape');
        await page.waitForSelector('.map-panel', { state: 'hidden' });
        assert.equal(await param(page, 'id'), null);
    });
});

test('filters by kind, text and limits are in the address, and come back from it', async () => {
    const sky = new Sky({ ...quiet, aircraft: 12, ships: 5, stations: 3 });
    const high = sky.targets.filter(t => t.kind === 'aircraft' && t.alt >= 20000).length;
    await withMap(sky, { hash: '#/map?show=aircraft,ship', options: { settings: { units: 'aeronautical' } } }, async page => {
        await shown(page, 17);
        await page.click('.kind-ship');
        await shown(page, 12);
        await hasParam(page, 'show', 'aircraft');
        await page.click('text=Limits');
        await page.fill('.map-limits input >> nth=0', '20000');
        await shown(page, high);
        await hasParam(page, 'above', '20000');
        await page.click('text=No limits');
        await page.keyboard.press('Escape');
        await page.keyboard.press('/');
        await page.keyboard.type('sky103');
        await shown(page, 1);
        await hasParam(page, 'q', 'sky103');
        await page.reload();
        await page.waitForSelector('.map-rows .map-row');
        await shown(page, 1);
        assert.equal(await page.inputValue('.map-search input'), 'sky103');
    });
});

test('a tap selects what is there; the stream moves it; its messages come', async () => {
    const sky = new Sky({ ...quiet, aircraft: 1, ships: 0, stations: 0 }), [t] = sky.targets;
    await withMap(sky, { hash: `#/map?at=${t.lat},${t.lon},9` }, async page => {
        const { x, y, width, height } = await page.locator('.map-area').boundingBox();
        await page.waitForFunction(() => Number(document.querySelector('.map-stage').dataset.frames) > 0);
        await page.mouse.click(x + width / 2, y + height / 2);
        await page.waitForSelector('.map-panel:not([hidden])');
        assert.equal(await page.textContent('.map-panel h2'), t.name);
        assert.equal(await param(page, 'id'), t.id);
        t.alt = 12325;
        for (const s of sky.sockets) assert.equal(s.readyState, 1);
        await page.waitForFunction(() => document.querySelector('.link').dataset.state === 'open');
        sky.report(t);
        await page.waitForFunction(() => document.querySelector('.map-fields')?.textContent.includes('3757'));
        await page.waitForSelector('.map-messages li .map-when');
        await page.click('text=Follow');
        assert.equal(await page.getAttribute('.map-actions button', 'aria-pressed'), 'true');
    });
});

test('moved and zoomed by keys and wheel; the address has it', async () => {
    await withMap(new Sky({ ...quiet, aircraft: 3, ships: 0, stations: 0 }), { hash: '#/map?at=53.0000,8.0000,6.00' }, async page => {
        const at = async () => (await param(page, 'at')).split(',').map(Number);
        const changed = async before => {
            await page.waitForFunction(old => new URLSearchParams(location.hash.split('?')[1]).get('at') !== old, before);
            return at();
        };
        let old = await param(page, 'at');
        await page.focus('.map-area');
        await page.keyboard.press('ArrowRight');
        const east = await changed(old);
        assert.ok(east[1] > 8 && Math.abs(east[0] - 53) < 0.01, String(east));
        old = await param(page, 'at');
        await page.keyboard.press('+');
        assert.equal((await changed(old))[2], 7);
        old = await param(page, 'at');
        await page.mouse.move(500, 400);
        await page.mouse.wheel(0, 200);
        assert.ok((await changed(old))[2] < 7);
        old = await param(page, 'at');
        await page.mouse.down();
        await page.mouse.move(400, 400, { steps: 4 });
        await page.mouse.up();
        assert.ok((await changed(old))[1] > east[1]);
    });
});

test('no ghosts after a restart of the daemon, and what it forgets vanishes', async () => {
    const sky = new Sky({ ...quiet, aircraft: 8, ships: 4, stations: 2 });
    await withMap(sky, {}, async page => {
        await shown(page, 14);
        await page.waitForFunction(() => document.querySelector('.link').dataset.state === 'open');
        sky.restart(t => t.kind === 'ship');
        await shown(page, 4);
        sky.targets.pop();
        await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))); // asks again
        await shown(page, 3);
    });
});

test('2,000 targets', async () => {
    await withMap(new Sky({ aircraft: 1400, ships: 400, stations: 200, perSecond: 200, trackPoints: 5 }), {}, async page => {
        await shown(page, 2000);
        assert.ok(await page.locator('.map-rows .map-row').count() < 60); // only those in view are elements
        await page.focus('.map-list');
        await page.keyboard.press('End');
        await page.waitForFunction(() => [...document.querySelectorAll('.map-row')].some(r => r.getAttribute('aria-rowindex') === '2001'));
        const frames = Number(await page.getAttribute('.map-stage', 'data-frames'));
        await page.waitForFunction(n => Number(document.querySelector('.map-stage').dataset.frames) > n + 2, frames);
    });
});

test('land and sea are where they are', async () => {
    // the North Sea, the middle of Germany, the Atlantic, the Sahara; far away and near
    const places = [[54.3, 7.2, 6, 'sea'], [51.3, 9.5, 6, 'land'], [30, -40, 3, 'sea'], [23, 5, 3, 'land'], [54.2, 8.2, 9, 'sea'], [53.4, 9.1, 9, 'land'], [0, 179.9, 4, 'sea'], [-17.8, 178, 9, 'land']];
    const sky = await new Sky({ ...quiet, aircraft: 1, ships: 0, stations: 0 }).start();
    const page = await open(browser, sky.url, { settings: { theme: 'light' } });
    await page.addInitScript(() => localStorage.setItem('hertzd.map', JSON.stringify({ rings: false, coverage: false, graticule: false, labels: false, borders: false, tracks: 'none' })));
    try {
        for (const [lat, lon, zoom, what] of places) {
            await page.goto('about:blank');
            await page.goto(`${sky.url}#/map?at=${lat},${lon},${zoom}&show=ship`);
            const colour = { sea: '213,227,237', land: '246,245,240' }[what];
            await page.waitForFunction(want => {
                const c = document.querySelector('.map-canvas');
                return c && c.width > 10 && c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data.slice(0, 3).join(',') === want;
            }, colour, { timeout: 20000 }).catch(() => assert.fail(`${what} at ${lat}, ${lon}, zoom ${zoom}`));
        }
    } finally {
        await page.context().close();
        await sky.end();
    }
});

test('hertzd itself: what its simulator sends is on the map; pictures come from the server that is configured, and no other', async () => {
    const hertzd = await new Hertzd(DEMO, 'tiles = http://tiles.example:8099/{z}/{x}/{y}.png by somebody').start();
    const page = await open(browser, `${hertzd.url}#/map`);
    try {
        await page.waitForFunction(() => [...document.querySelectorAll('.map-kind:not([hidden]) b')].every(b => Number(b.textContent) > 0), null, { timeout: 60000 });
        assert.equal(await page.textContent('.map-unreal'), 'simulated');
        assert.equal(await page.textContent('.map-credit'), 'by somebody');
        while (!page.faults.length) await page.waitForTimeout(50);
        // they are let through by the policy, and then caught by this test
        const others = page.faults.filter(f => !f.startsWith('foreign request: http://tiles.example:8099/') && !/^console: Failed to load resource/.test(f));
        assert.deepEqual(others, []);
    } finally {
        await page.context().close();
        await hertzd.end();
    }
});
