// The view Spectrum in a browser: what is on the air (tests/web/air.mjs) is where it must be in the picture.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Air, BAND } from './air.mjs';
import { launch, open } from './browser.mjs';

let air, browser;
before(async () => {
    [air, browser] = await Promise.all([new Air().start(), launch()]);
});
after(async () => {
    await browser?.close();
    await air?.end();
});

const show = async (hash = '#/spectrum', how = {}) => {
    air.asked.length = 0;
    const page = await open(browser, air.url + hash, { motion: 'no-preference', ...how });
    await lines(page, 12);
    return page;
};

/** Waits until the waterfall has so many rows that are not black. */
const lines = (page, n) => page.waitForFunction(rows => {
    const c = document.querySelector('canvas.fall');
    if (!c?.width) return false;
    const d = c.getContext('2d').getImageData(0, 0, c.width, rows).data;
    for (let i = (rows - 1) * c.width * 4; i < d.length; i += 4) if (d[i] + d[i + 1] + d[i + 2] > 0) return true;
    return false;
}, n);

/** Frequencies of the strongest column of the newest rows, by the brightness of its pixels. */
const brightest = (page, range) => page.evaluate(({ from, to }) => {
    const c = document.querySelector('canvas.fall'), d = c.getContext('2d').getImageData(0, 2, c.width, 4).data;
    const sums = new Array(c.width).fill(0);
    for (let i = 0; i < d.length; i += 4) sums[(i / 4) % c.width] += d[i] + d[i + 1] + d[i + 2];
    const most = Math.max(...sums), hit = sums.flatMap((s, x) => (s > most * 0.95 ? [x] : []));
    const hz = x => from + (x / c.width) * (to - from);
    return { from: hz(hit[0]), to: hz(hit.at(-1) + 1), pixel: (to - from) / c.width };
}, range);

const WHOLE = { from: BAND.centre - BAND.rate / 2, to: BAND.centre + BAND.rate / 2 };

test('a carrier is a bright column at its frequency', async () => {
    const page = await show();
    const seen = await brightest(page, WHOLE), [carrier] = air.carriers;
    assert.ok(Math.abs((seen.from + seen.to) / 2 - carrier.hz) < 2 * seen.pixel, JSON.stringify(seen));
    assert.ok(Math.abs(seen.to - seen.from - carrier.width) < 4 * seen.pixel, JSON.stringify(seen));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('a zoom asks for its range, and the carrier has its true width then', async () => {
    const page = await show();
    const box = await page.locator('.scope').boundingBox();
    const x = hz => box.x + ((hz - WHOLE.from) / BAND.rate) * box.width;
    await page.mouse.move(x(161.55e6), box.y + 120); // a range is chosen by dragging over the spectrum
    await page.mouse.down();
    await page.mouse.move(x(161.65e6), box.y + 125, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => !document.querySelector('.where').textContent.includes('2.4'));
    while (!air.spectrum.from) await new Promise(next => setTimeout(next, 20));
    const { from, to, fps, bins } = air.spectrum;
    assert.ok(Math.abs(from - 161.55e6) < 3 * 1875 && Math.abs(to - 161.65e6) < 3 * 1875, `${from} ${to}`);
    assert.equal(fps, 20, 'as many lines as before');
    assert.equal(bins, 1280);
    await page.waitForFunction(width => { // the first lines at the new resolution
        const c = document.querySelector('canvas.fall'), d = c.getContext('2d').getImageData(0, 6, c.width, 1).data;
        let n = 0;
        for (let i = 0; i < d.length; i += 4) if (d[i] > 200) n++;
        return Math.abs(n - width) < 6;
    }, (4000 / (to - from)) * 1280);
    const seen = await brightest(page, { from, to });
    assert.ok(Math.abs((seen.from + seen.to) / 2 - 161.6e6) < 3 * seen.pixel, JSON.stringify(seen));
    await page.keyboard.press('0');
    await page.waitForFunction(() => document.querySelector('.where').textContent.includes('2.4'));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('pause holds the picture, and it goes on after', async () => {
    const page = await show();
    const picture = () => page.evaluate(() => document.querySelector('canvas.fall').toDataURL());
    await page.keyboard.press('p');
    await page.waitForSelector('.where:has-text("ago")');
    const held = await picture();
    const n = air.asked.length;
    await page.waitForFunction(() => { // lines still come while it is held
        window.came ??= document.querySelector('.where').textContent;
        return document.querySelector('.where').textContent !== window.came;
    });
    assert.equal(await picture(), held);
    assert.equal(air.asked.slice(n).filter(a => a.spectrum?.fps === 0).length, 0);
    await page.keyboard.press('ArrowDown'); // a second back
    await page.waitForFunction(was => document.querySelector('canvas.fall').toDataURL() !== was, held);
    await page.keyboard.press('p');
    await page.waitForFunction(() => !document.querySelector('.where').textContent.includes('ago'));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('a decoded burst is marked where it was, with its message', async () => {
    const page = await show();
    air.burst(161.979e6, 200);
    // the box is white lines on the layer over the waterfall
    const place = await page.waitForFunction(() => {
        const c = document.querySelector('canvas.over'), w = c.width, h = c.height, d = c.getContext('2d').getImageData(0, 0, w, h).data;
        let left = w, right = 0, top = h, bottom = 0;
        for (let y = 0; y < h; y++)
            for (let x = 70; x < w; x++) // times are left of that
                if (d[(y * w + x) * 4 + 3] > 150) [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
        if (!right) return false;
        dispatchEvent(new KeyboardEvent('keydown', { key: 'p' })); // holds the picture before the box scrolls away
        return { left, right, top, bottom, w };
    });
    const { left, right, top, bottom, w } = await place.jsonValue();
    const middle = WHOLE.from + ((left + right + 1) / 2 / w) * BAND.rate;
    assert.ok(Math.abs(middle - 161.979e6) < 2 * 1875, String(middle));
    assert.ok(Math.abs((right - left) * 1875 - 25000) < 4 * 1875, `${left} ${right}`);
    assert.ok(bottom - top >= 2, `${top} ${bottom}`);
    const box = await page.locator('canvas.over').boundingBox();
    await page.waitForFunction(([x, y, height]) => { // wherever it has moved to
        const el = document.querySelector('.scope');
        for (let at = 0; at < height; at += 2) {
            el.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y + at, bubbles: true, pointerType: 'mouse' }));
            if (document.querySelector('.tip')?.textContent.includes('470128253')) return true;
        }
        return false;
    }, [box.x + (left + right) / 2, box.y, box.height]);
    assert.match(await page.textContent('.tip'), /161\.97\d+ MHz.*ais-a.*470128253.*Under way/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('a channel opens its panel; a token with control may add and tune', async () => {
    air.role = 'control';
    const page = await show();
    await page.click('.flag:has-text("voice")');
    assert.match(await page.textContent('.card'), /161\.600.MHz/);
    await page.keyboard.press('Escape');
    const box = await page.locator('.scope').boundingBox();
    await page.mouse.click(box.x + ((162.6e6 - WHOLE.from) / BAND.rate) * box.width, box.y + 400);
    await page.selectOption('.card select', 'ais');
    await page.click('.card button:has-text("Add a channel")');
    await page.waitForSelector('.toast:has-text("was added")');
    const added = air.calls.find(c => c.method === 'add_channel');
    assert.ok(Math.abs(added.params.frequency - 162.6e6) < 1875 && added.params.decoder === 'ais' && added.params.receiver === 'vhf', JSON.stringify(added));
    air.role = 'read';
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('nothing is asked for while nobody sees it, and a new connection asks again', async () => {
    const page = await show();
    await page.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    });
    while (air.spectrum.fps !== 0) await new Promise(next => setTimeout(next, 20));
    await page.evaluate(() => {
        delete document.hidden;
        document.dispatchEvent(new Event('visibilitychange'));
    });
    while (air.spectrum.fps !== 20) await new Promise(next => setTimeout(next, 20));
    air.asked.length = 0;
    for (const s of air.sockets) s.terminate();
    while (!(air.spectrum?.fps > 0)) await new Promise(next => setTimeout(next, 20));
    await page.waitForSelector('.notice', { state: 'hidden' });
    await page.goto(`${air.url}#/messages`);
    while (air.spectrum.fps !== 0) await new Promise(next => setTimeout(next, 20));
    await page.context().close();
});

test('two fingers zoom on a phone, one moves', async () => {
    const page = await show('#/spectrum', { size: 'phone' });
    const cdp = await page.context().newCDPSession(page);
    const touch = (type, ...points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await touch('touchStart', [150, 500], [240, 500]);
    for (let i = 1; i <= 8; i++) await touch('touchMove', [150 - i * 10, 500], [240 + i * 10, 500]);
    await touch('touchEnd');
    await page.waitForFunction(() => !document.querySelector('.where').textContent.includes('2.4'));
    const was = await page.textContent('.where');
    await touch('touchStart', [300, 500]);
    for (let i = 1; i <= 8; i++) await touch('touchMove', [300 - i * 12, 500]);
    await touch('touchEnd');
    await page.waitForFunction(t => document.querySelector('.where').textContent !== t, was);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
