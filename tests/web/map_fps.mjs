// How smooth the map is: frames a second in software rendering with many moving targets, at rest, while
// panning, and while zooming.
//   node tests/web/map_fps.mjs [--targets 2000] [--seconds 60] [--per-second 2000]
// Prints one JSON line a part; cpu_ms_per_frame is what the browser's processes used, which tells more than the
// frames do on a machine that others use too. It fails only where the map stands still (median below 5).
import { readFileSync, readdirSync } from 'node:fs';
import { launch, open } from './browser.mjs';
import { Sky } from './sky.mjs';

const option = (name, otherwise) => {
    const at = process.argv.indexOf(name);
    return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const targets = option('--targets', 2000), seconds = option('--seconds', 60), perSecond = option('--per-second', 2000);

/** Milliseconds of CPU that this process's children and theirs have used. */
function cpuMs() {
    const all = readdirSync('/proc').filter(n => /^\d+$/.test(n)).flatMap(pid => {
        try {
            const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
            return [{ pid: Number(pid), parent: Number(stat[1]), ms: (Number(stat[11]) + Number(stat[12])) * 10 }];
        } catch {
            return []; // it ended
        }
    });
    const ours = new Set([process.pid]);
    for (let more = true; more;) {
        more = false;
        for (const p of all) if (ours.has(p.parent) && !ours.has(p.pid)) more = !!ours.add(p.pid);
    }
    return all.filter(p => ours.has(p.pid) && p.pid !== process.pid).reduce((sum, p) => sum + p.ms, 0);
}

const sky = await new Sky({ aircraft: Math.round(targets * 0.7), ships: Math.round(targets * 0.2), stations: Math.round(targets * 0.1), perSecond, trackPoints: 60 }).start();
const browser = await launch();
let bad = false;
try {
    const page = await open(browser, `${sky.url}#/map?at=53.7,8.7,7.2`, { motion: 'no-preference' });
    await page.waitForFunction(n => Number(document.querySelector('.map-handle')?.textContent.match(/\d+/)) >= n, targets, { timeout: 180000 });
    await page.waitForTimeout(1500);
    for (const what of ['rest', 'pan', 'zoom', 'follow']) {
        const before = cpuMs();
        const result = await page.evaluate(async ({ what, seconds }) => {
            const area = document.querySelector('.map-area'), stage = area.parentElement;
            const fire = (type, x, y, more) => area.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: 'mouse', button: 0, buttons: 1, clientX: x, clientY: y, bubbles: true, ...more }));
            area.setPointerCapture = () => undefined; // there is no such pointer
            if (what === 'follow') {
                document.querySelector('.map-rows .map-row').click();
                document.querySelector('.map-actions button').click();
                await new Promise(next => setTimeout(next, 800));
            }
            if (what === 'pan') fire('pointerdown', 450, 400);
            const gaps = [], drawn = [], begin = performance.now();
            let last = begin, frames = Number(stage.dataset.frames);
            while (last - begin < seconds * 1000) {
                const now = await new Promise(requestAnimationFrame);
                const t = (now - begin) / 1000;
                if (what === 'pan') fire('pointermove', 450 + 220 * Math.sin(t), 400 + 150 * Math.sin(0.7 * t));
                if (what === 'zoom') area.dispatchEvent(new WheelEvent('wheel', { deltaY: Math.sin(t * 1.5) > 0 ? 6 : -6, clientX: 500, clientY: 400, bubbles: true, cancelable: true }));
                gaps.push(now - last);
                drawn.push(Number(stage.dataset.frames) - frames);
                frames = Number(stage.dataset.frames);
                last = now;
            }
            if (what === 'pan') fire('pointerup', 450, 400);
            gaps.sort((a, b) => b - a);
            const at = p => Math.round(10000 / gaps[Math.floor(gaps.length * p)]) / 10;
            return { frames_per_s: Math.round((gaps.length / seconds) * 10) / 10, drawn_per_s: Math.round((drawn.reduce((a, b) => a + b, 0) / seconds) * 10) / 10, p50: at(0.5), p5: at(0.05), worst_ms: Math.round(gaps[0]) };
        }, { what, seconds });
        const used = cpuMs() - before, drawn = Math.max(1, result.drawn_per_s * seconds);
        console.log(JSON.stringify({ what, targets, per_second: perSecond, seconds, ...result, cpu_percent: Math.round(used / seconds / 10), cpu_ms_per_frame: Math.round((10 * used) / drawn) / 10 }));
        bad ||= result.p50 < 5;
    }
    for (const fault of page.faults) console.log(fault);
} finally {
    await browser.close();
    await sky.end();
}
process.exit(bad ? 1 : 0);
