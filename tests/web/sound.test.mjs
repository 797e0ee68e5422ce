// The view Sound in a browser: a tone that opusenc encoded is played as that tone, on an origin that browsers
// call secure (they decode Opus then) and on one that is not (WebAssembly does).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Air, audioFrame, tonePackets } from './air.mjs';
import { launch, open, spy } from './browser.mjs';

let air, browser;
const packets = tonePackets(1000, 4);
before(async () => {
    [air, browser] = await Promise.all([new Air().start(), launch()]);
    air.heard = (socket, m) => {
        if (m.audio && !m.audio.off) talk(socket, m.audio.channel);
    };
});
after(async () => {
    await browser?.close();
    await air?.end();
});

/** A transmission of three seconds, as it comes off the air: a packet every 20 ms. Its message follows. */
function talk(socket, channel, n = 150, seq = 1000) {
    const start = Date.now();
    let i = 0;
    air.talking = true;
    const timer = setInterval(() => {
        for (; i < n && i < (Date.now() - start) / 20; i++)
            socket.send(audioFrame({ seq: seq + i, ms: start + i * 20, name: channel, packet: packets[i], first: i === 0, last: i === n - 1 }));
        if (i < n) return;
        clearInterval(timer);
        air.talking = false;
        air.say({ seq: air.seq++, kind: 'message', time: new Date(start).toISOString().replace('Z', '000000Z'), receiver: 'vhf', channel,
            protocol: 'nfm', freq_hz: 161.6e6, snr_db: 17.7, sample: 1, nfm: { duration_s: 3, ctcss_hz: 88.5 } });
    }, 10);
}

async function show(host, how = {}) {
    const page = await open(browser, `http://${host}:${air.port}/icon.svg`, how);
    await page.addInitScript(spy);
    await page.goto(`http://${host}:${air.port}/#/sound`);
    await page.waitForSelector('.strip');
    return page;
}

/** Frequency by zero crossings, and level, of what was played from packet a to b; packets that did not follow at once. */
const heard = (page, a, b) => page.evaluate(([a, b]) => {
    const part = window.played.slice(a, b), all = part.flatMap(p => p.samples);
    let crossings = 0;
    for (let i = 1; i < all.length; i++) if (all[i - 1] < 0 && all[i] >= 0) crossings++;
    return {
        hz: crossings / (all.length / 48000), rms: Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length),
        broken: part.slice(1).filter((p, i) => Math.abs(p.at - part[i].at - 0.02) > 1e-4).length,
    };
}, [a, b]);

for (const [host, kind] of [['127.0.0.1', 'webcodecs'], ['radio.lan', 'wasm']])
    test(`a tone is heard as it was sent, by ${kind} at http://${host}`, async t => {
        const page = await show(host);
        assert.equal(await page.evaluate(() => window.played.length), 0, 'nothing before a click');
        await page.click('[aria-label="Listen to voice"]');
        // a busy machine leaves some out, and takes long
        await page.waitForFunction(() => window.played.length >= 100, null, { timeout: 120_000 });
        assert.equal(await page.getAttribute('.strip', 'data-decoder'), kind);
        const sound = await heard(page, 20, 100);
        assert.ok(Math.abs(sound.hz - 1000) < 10, JSON.stringify(sound));
        assert.ok(sound.rms > 0.3 && sound.rms < 0.4, JSON.stringify(sound)); // half of full scale
        await page.waitForSelector('.past li:has-text("88.5 Hz")');

        // again, from what was kept
        const n = await page.evaluate(() => window.played.length);
        await page.click('.past button');
        await page.waitForFunction(was => window.played.length > was, n);
        const again = await heard(page, n, n + 1);
        assert.ok(Math.abs(again.hz - 1000) < 3, JSON.stringify(again));

        await page.click('[aria-label="Stop voice"]');
        while (!air.asked.some(a => a.audio?.off)) await new Promise(next => setTimeout(next, 20));
        air.asked.length = 0;
        const times = await page.evaluate(() => window.played.slice(0, 100).map(p => p.at - p.now));
        t.diagnostic(`waits before it is played: first ${(times[0] * 1e3).toFixed(0)} ms, most ${(Math.max(...times) * 1e3).toFixed(0)} ms; broken: ${sound.broken}`);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });

test('several channels at once; one that is not there says so; it goes on in other views', async () => {
    const page = await show('127.0.0.1');
    await page.click('[aria-label="Listen to voice"]');
    await page.click('[aria-label="Listen to tower"]');
    await page.waitForSelector('.listening:has-text("2 channels")');
    await page.goto(`http://127.0.0.1:${air.port}/#/now`);
    const n = await page.evaluate(() => window.played.length);
    await page.waitForFunction(was => window.played.length > was + 20, n);
    await page.click('.listening');
    await page.waitForSelector('[aria-label="Stop tower"]');
    air.say({ kind: 'error', error: 'no channel "tower" with speech; there is voice' });
    await page.waitForSelector('.toast.bad:has-text("no channel")');
    await page.waitForSelector('[aria-label="Listen to tower"]');
    await page.keyboard.press('s');
    await page.waitForSelector('[aria-label="Listen to voice"]');
    await page.context().close();
});

test('a packet that is no Opus, and frames of the future, harm nothing', async () => {
    const page = await show('radio.lan');
    let done;
    const sent = new Promise(d => (done = d));
    const before = air.heard;
    air.heard = (socket, m) => {
        if (!m.audio || m.audio.off) return;
        const odd = (type, version, n) => { const b = Buffer.alloc(n); b[0] = type; b[1] = version; socket.send(b); };
        odd(2, 1, 8);
        odd(2, 9, 64);
        odd(77, 1, 64);
        odd(1, 1, 48);
        socket.send(audioFrame({ seq: 1, ms: Date.now(), name: 'voice', packet: Buffer.alloc(0), first: true, last: false }));
        socket.send(audioFrame({ seq: 2, ms: Date.now(), name: 'voice', packet: Buffer.from([255, 255, 255]), first: false, last: false }));
        talk(socket, 'voice', 150, 3);
        done();
    };
    await page.click('[aria-label="Listen to voice"]');
    await sent;
    air.heard = before;
    await page.waitForFunction(() => window.played.length >= 60);
    const sound = await heard(page, 20, 60);
    assert.ok(Math.abs(sound.hz - 1000) < 15, JSON.stringify(sound));
    await page.context().close();
});
