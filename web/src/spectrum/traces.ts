// The curves of the spectrum, one value a pixel, in dBFS: the newest line, a mean of power over
// about a second, and the highest of the last seconds. NaN where nothing is known.

import type { History } from './history';
import { Pixels } from './pixels';
import type { Range } from './range';

const MEAN_LINES = 20;
const PEAK_MS = 10_000;

export class Traces {
    readonly now: Float32Array;
    readonly mean: Float32Array;
    readonly peak: Float32Array;
    private readonly power: Float64Array; // the mean, as power
    private readonly pixels: Pixels;
    private last = -1; // the line that was added last
    private key = '';

    constructor(readonly width: number, private readonly history: History) {
        this.now = new Float32Array(width).fill(NaN);
        this.mean = new Float32Array(width).fill(NaN);
        this.peak = new Float32Array(width).fill(NaN);
        this.power = new Float64Array(width);
        this.pixels = new Pixels(width);
    }

    /** Brings the curves to line `top`; from the lines before it where the view is another. */
    update(top: number, view: Range): void {
        const key = `${view.from} ${view.to}`;
        const h = this.history;
        if (!h.has(top))
            return;
        if (key === this.key && top >= this.last && h.has(this.last)) {
            for (let k = this.last + 1; k <= top; k++)
                this.add(k, view);
        } else {
            for (const curve of [this.power, this.mean, this.peak]) curve.fill(NaN);
            const start = h.find(h.time[h.at(top)]! - PEAK_MS);
            for (let k = Math.min(start, top); k <= top; k++)
                this.add(k, view);
        }
        this.key = key;
        this.last = top;
    }

    private add(k: number, view: Range): void {
        const h = this.history;
        const i = h.at(k);
        this.pixels.fit(h.from[i]!, h.to[i]!, h.bins[i]!, view);
        this.pixels.measure(h.line(k), h.dbMin[i]!, h.dbStep[i]!, this.now);
        // The peak falls by 3 dB a second, so that it shows the last seconds and not the first.
        const fall = h.spanMs[i]! * 3e-3;
        for (let x = 0; x < this.width; x++) {
            const db = this.now[x]!;
            if (db !== db)
                continue;
            const p = Math.pow(10, db / 10);
            const mean = this.power[x]!;
            this.power[x] = mean === mean ? mean + (p - mean) / MEAN_LINES : p;
            this.mean[x] = 10 * Math.log10(this.power[x]!);
            const peak = this.peak[x]! - fall;
            this.peak[x] = peak > db ? peak : db; // also where peak is NaN
        }
    }

    /** Near the noise: what three quarters of the pixels exceed in the mean, or nearly all now, where bursts
     *  fill the band most of the time. */
    floor(): number | undefined {
        const mean = low(this.mean, 0.25), now = low(this.now, 0.1);
        return mean === undefined || now === undefined ? undefined : Math.min(mean, now);
    }

    /** The highest of the last seconds. */
    top(): number | undefined {
        let most = -Infinity;
        for (const v of this.peak)
            if (v > most)
                most = v;
        return most > -Infinity ? most : undefined;
    }
}

/** What a share of the values is below; undefined: there are none. */
function low(values: Float32Array, share: number): number | undefined {
    const known = values.filter(v => v === v).sort();
    return known.length > 0 ? known[Math.floor(known.length * share)] : undefined;
}
