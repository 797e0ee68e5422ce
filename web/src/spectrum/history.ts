// The lines of the last minutes in a ring of fixed size. Lines are numbered from 0 on; a number
// stays valid until as many lines as the ring holds came after it. Each line has its own range and
// scale, since the viewer zooms and receivers are tuned.

import type { Line } from './frame';

export class History {
    readonly capacity: number;
    readonly width: number; // bins that a line can have
    count = 0; // lines so far: the number of the next one
    readonly time: Float64Array;
    readonly from: Float64Array;
    readonly to: Float64Array;
    readonly dbMin: Float32Array;
    readonly dbStep: Float32Array;
    readonly spanMs: Float32Array;
    readonly bins: Uint16Array;
    readonly flags: Uint8Array;
    private readonly levels: Uint8Array;
    private broken = false;

    /** Flags of a line. */
    static readonly LOST = 1; // samples were lost within
    static readonly AFTER_GAP = 2; // time is missing before it: nothing was asked for, or none came

    constructor(capacity: number, width: number) {
        this.capacity = capacity;
        this.width = width;
        this.time = new Float64Array(capacity);
        this.from = new Float64Array(capacity);
        this.to = new Float64Array(capacity);
        this.dbMin = new Float32Array(capacity);
        this.dbStep = new Float32Array(capacity);
        this.spanMs = new Float32Array(capacity);
        this.bins = new Uint16Array(capacity);
        this.flags = new Uint8Array(capacity);
        this.levels = new Uint8Array(capacity * width);
    }

    get first(): number {
        return Math.max(0, this.count - this.capacity);
    }

    has(k: number): boolean {
        return k >= this.first && k < this.count;
    }

    /** The place of line k in the arrays. */
    at(k: number): number {
        return k % this.capacity;
    }

    /** The levels of line k: valid until the line leaves. */
    line(k: number): Uint8Array {
        const i = this.at(k);
        return this.levels.subarray(i * this.width, i * this.width + this.bins[i]!);
    }

    /** The next line does not follow the last one. */
    gap(): void {
        this.broken = this.count > 0;
    }

    push(line: Line): void {
        const i = this.at(this.count);
        const n = Math.min(line.levels.length, this.width);
        this.time[i] = line.time;
        this.from[i] = line.from;
        // A line that is too wide is cut; the page never asks for one.
        this.to[i] = line.from + (line.to - line.from) * (n / line.levels.length);
        this.dbMin[i] = line.dbMin;
        this.dbStep[i] = line.dbStep;
        this.spanMs[i] = line.spanMs;
        this.bins[i] = n;
        this.levels.set(n === line.levels.length ? line.levels : line.levels.subarray(0, n),
                        i * this.width);
        this.flags[i] = (line.lost ? History.LOST : 0) | (this.broken ? History.AFTER_GAP : 0);
        this.broken = false;
        this.count++;
    }

    /** The first line whose end is not before the time; count where there is none. */
    find(time: number): number {
        let low = this.first;
        let high = this.count;
        while (low < high) {
            const mid = (low + high) >> 1;
            if (this.time[this.at(mid)]! < time)
                low = mid + 1;
            else
                high = mid;
        }
        return low;
    }

    /** The level at a frequency in line k, in dBFS; undefined outside of its range. */
    db(k: number, hz: number): number | undefined {
        const i = this.at(k);
        const n = this.bins[i]!;
        const bin = Math.floor((hz - this.from[i]!) / (this.to[i]! - this.from[i]!) * n);
        if (!this.has(k) || bin < 0 || bin >= n)
            return undefined;
        return this.dbMin[i]! + this.line(k)[bin]! * this.dbStep[i]!;
    }

    clear(): void {
        this.count = 0;
        this.broken = false;
    }
}
