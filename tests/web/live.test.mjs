// The views Spectrum and Sound with hertzd itself: its simulated signals are where and what they must be.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, spy } from './browser.mjs';
import { Hertzd } from './hertzd.mjs';

let hertzd, browser;
before(async () => {
    [hertzd, browser] = await Promise.all([new Hertzd().start(), launch()]);
});
after(async () => {
    await browser?.close();
    await hertzd?.end();
});

/** Over all rows of the waterfall: how bright each column was at most, as red + green + blue. */
const columns = page => page.evaluate(() => {
    const c = document.querySelector('canvas.fall'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    const most = new Array(c.width).fill(0);
    for (let i = 0; i < d.length; i += 4) {
        const x = (i / 4) % c.width;
        most[x] = Math.max(most[x], d[i] + d[i + 1] + d[i + 2]);
    }
    return most;
});

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

test('the waterfall shows the simulated signals in their channels, and nothing between', async () => {
    const page = await open(browser, `${hertzd.url}#/spectrum?receiver=vhf`, { motion: 'no-preference' });
    const { receivers, channels } = await hertzd.rpc('status');
    const { centre_hz: centre, rate_hz: rate } = receivers.find(r => r.name === 'vhf');
    const own = channels.filter(c => c.receiver === 'vhf'), some = own.filter(c => ['voice', 'air', 'aprs', 'packet', 'pager'].includes(c.name) || c.decoder === 'ais');
    const x = hz => Math.floor(((hz - (centre - rate / 2)) / rate) * most.length);
    const part = c => Math.max(...most.slice(x(c.freq_hz - c.bandwidth_hz / 2), x(c.freq_hz + c.bandwidth_hz / 2) + 1));
    const away = (_, i) => own.every(c => Math.abs(i - x(c.freq_hz)) > 12);
    // until each of these channels was seen at work: some are silent for seconds
    let most = [], quiet, noise, looks = 0;
    do {
        await page.waitForTimeout(200);
        most = (await columns(page)).map((v, i) => Math.max(v, most[i] ?? 0));
        quiet = most.filter(away);
        noise = median(quiet);
    } while (++looks < 300 && !some.every(c => part(c) > noise + 80));
    for (const c of some) assert.ok(part(c) > noise + 80, `${c.name}: ${part(c)} where the noise is ${noise}`);
    assert.ok(quiet.filter(v => v > noise + 80).length < quiet.length / 50, 'few columns are bright without a channel');
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('a zoom is granted; ADS-B, which has no narrow channel, is seen too', async () => {
    const page = await open(browser, `${hertzd.url}#/spectrum?receiver=vhf&from=161950000&to=162050000`, { motion: 'no-preference' });
    const granted = [];
    page.on('websocket', socket => socket.on('framereceived', ({ payload }) => {
        if (Buffer.isBuffer(payload) && payload[0] === 1) granted.push([payload.readDoubleLE(16), payload.readDoubleLE(24)]);
    }));
    await page.reload();
    while (!granted.some(([from, to]) => to - from < 200e3)) await page.waitForTimeout(50);
    const [from, to] = granted.find(([a, b]) => b - a < 200e3);
    assert.ok(from <= 161.951e6 && to >= 162.049e6, `${from} ${to}`);
    await page.click('button:has-text("sky")');
    await page.waitForFunction(() => {
        const c = document.querySelector('canvas.fall'), d = c.getContext('2d').getImageData(0, 0, c.width, 30).data;
        return d.some((v, i) => i % 4 === 0 && v > 120);
    });
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

for (const [host, kind] of [['127.0.0.1', 'webcodecs'], ['radio.lan', 'wasm']])
    test(`speech is heard at http://${host}`, async t => {
        const page = await open(browser, `http://${host}:${hertzd.port}/icon.svg`);
        await page.addInitScript(spy);
        await page.addInitScript(() => {
            const receive = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
            window.lags = []; // from the first sample of a packet to when it came
            Object.defineProperty(WebSocket.prototype, 'onmessage', { ...receive, set(f) {
                receive.set.call(this, e => {
                    if (e.data instanceof ArrayBuffer && new Uint8Array(e.data)[0] === 2)
                        window.lags.push({ ms: Date.now() - Number(new DataView(e.data).getBigInt64(8, true)) / 1e6, wall: performance.now() });
                    f(e);
                });
            } });
        });
        await page.goto(`http://${host}:${hertzd.port}/#/sound`);
        await page.waitForSelector('.strip[data-talking] h2:text-is("voice")');
        const click = await page.evaluate(() => performance.now());
        await page.click('[aria-label="Listen to voice"]');
        await page.waitForFunction(() => window.played.length > 60);
        assert.equal(await page.getAttribute('.strip', 'data-decoder'), kind);
        const { rms, first, waits, lags } = await page.evaluate(() => {
            const all = window.played.flatMap(p => p.samples);
            return {
                rms: Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length), first: window.played[0].wall + (window.played[0].at - window.played[0].now) * 1e3,
                waits: window.played.map(p => (p.at - p.now) * 1e3), lags: window.lags.map(l => l.ms),
            };
        });
        assert.ok(rms > 0.02 && rms < 0.7, String(rms));
        t.diagnostic(`first sound ${(first - click).toFixed(0)} ms after the click; from the air to the page ${median(lags).toFixed(0)} ms, to the loudspeaker ${(median(lags) + median(waits)).toFixed(0)} ms`);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
