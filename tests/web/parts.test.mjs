// Parts of the page that need no browser: reading frames, colours, the range that is shown, when packets play.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { audioFrame, spectrumFrame } from './air.mjs';
import { require } from './browser.mjs';
import { ROOT } from './hertzd.mjs';

const { buildSync } = require('esbuild');
const load = async file => {
    const { outputFiles } = buildSync({ entryPoints: [join(ROOT, 'web/src', file)], bundle: true, format: 'esm', write: false });
    return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
};
const bytes = buffer => new Uint8Array(buffer).buffer;

test('a spectrum frame is read as it was written, and nothing that is cut', async () => {
    const { readSpectrum } = await load('spectrum/frame.ts');
    const frame = spectrumFrame({ seq: 7, ms: 1764518400123.5, from: 161.2e6, to: 163.6e6, spanMs: 40, name: 'höhe', levels: Uint8Array.of(1, 2, 250), flags: 1 });
    const line = readSpectrum(bytes(frame));
    assert.deepEqual({ ...line, levels: [...line.levels] }, { seq: 7, time: 1764518400123.5, from: 161.2e6, to: 163.6e6, dbMin: -120, dbStep: 0.5,
        spanMs: 40, lost: true, receiver: 'höhe', levels: [1, 2, 250] });
    for (let n = 0; n < frame.length; n++) assert.equal(readSpectrum(bytes(frame.subarray(0, n))), undefined);
});

test('a packet is read as it was written', async () => {
    const { readPacket } = await load('sound/packet.ts');
    const frame = audioFrame({ seq: 9, ms: 1764518400020, name: 'voice', packet: Buffer.from([8, 1, 2]), first: true, last: false });
    const p = readPacket(bytes(frame));
    assert.deepEqual({ ...p, opus: [...p.opus] }, { seq: 9, time: 1764518400020, first: true, last: false, channel: 'voice', opus: [8, 1, 2] });
    for (let n = 0; n < 32; n++) assert.equal(readPacket(bytes(frame.subarray(0, n))), undefined);
});

test('the colours are those of matplotlib', async () => {
    const { colourAt } = await load('spectrum/colour.ts');
    const known = { viridis: ['440154', '3b528b', '21918c', '5ec962', 'fde725'], inferno: ['000004', '57106e', 'bc3754', 'f98e09', 'fcffa4'] };
    for (const [name, list] of Object.entries(known))
        list.forEach((hex, i) => [0, 2, 4].forEach((at, c) =>
            assert.ok(Math.abs(colourAt(name, i / 4)[c] - parseInt(hex.slice(at, at + 2), 16)) < 8, `${name} ${i}`)));
});

test('a zoom keeps its frequency in place and stays in the band', async () => {
    const { zoomed, moved, within } = await load('spectrum/range.ts');
    const band = { from: 100e6, to: 102e6 };
    const near = zoomed(band, band, 100.5e6, 0.5);
    assert.deepEqual(near, { from: 100.25e6, to: 101.25e6 }); // 100.5 was and is at a quarter
    assert.deepEqual(zoomed(near, band, 100.5e6, 8), band);
    assert.deepEqual(moved(near, band, -9e6), { from: 100e6, to: 101e6 });
    assert.equal(within({ from: 101e6, to: 101e6 + 1 }, band).to - within({ from: 101e6, to: 101e6 + 1 }, band).from, 2000);
});

test('packets play without a hole, later after one came late, and a backlog is skipped', async () => {
    const { Jitter } = await load('sound/jitter.ts');
    const j = new Jitter();
    const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
    near(j.place(10, 0.02, true), 10.1);
    for (let i = 1; i < 50; i++) near(j.place(10 + i * 0.02, 0.02, false), 10.1 + i * 0.02);
    const lead = j.lead;
    assert.ok(lead < 0.1, 'the lead shrinks while it suffices');
    const late = j.place(11.5, 0.02, false); // half a second after its time
    near(late, 11.5 + lead + 0.04);
    assert.equal(j.underruns, 1);
    let skipped = 0; // what had been held up comes at once
    for (let i = 0; i < 30; i++) if (j.place(11.5, 0.02, false) === undefined) skipped++;
    assert.ok(skipped > 15 && skipped === j.skipped, String(skipped));
    const next = j.place(20, 0.02, true);
    near(next, 20 + j.lead);
});
