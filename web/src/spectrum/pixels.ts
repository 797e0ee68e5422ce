// From the bins of a line to the pixels of a row: the strongest bin of each pixel, so that a narrow
// signal is never averaged away. The bins of each pixel are computed once for a geometry.

import type { Range } from './range';

export class Pixels {
    private key = '';
    private readonly first: Int32Array; // bin of each pixel; -1: the line has nothing there
    private readonly last: Int32Array; // exclusive

    constructor(readonly width: number) {
        this.first = new Int32Array(width);
        this.last = new Int32Array(width);
    }

    /** Sets the geometry: lines of n bins from `from` to `to`, of which `view` fills the width. */
    fit(from: number, to: number, n: number, view: Range): void {
        const key = `${from} ${to} ${n} ${view.from} ${view.to}`;
        if (key === this.key)
            return;
        this.key = key;
        const start = (view.from - from) / (to - from) * n;
        const step = (view.to - view.from) / (to - from) * n / this.width;
        for (let x = 0; x < this.width; x++) {
            const a = Math.floor(start + x * step + 1e-6);
            const b = Math.max(a + 1, Math.floor(start + (x + 1) * step + 1e-6));
            const outside = b <= 0 || a >= n;
            this.first[x] = outside ? -1 : Math.max(0, a);
            this.last[x] = outside ? -1 : Math.min(n, b);
        }
    }

    /** The strongest level of pixel x; -1: the line has nothing there. */
    private strongest(levels: Uint8Array, x: number): number {
        const a = this.first[x]!;
        if (a < 0)
            return -1;
        let most = levels[a]!;
        for (let i = a + 1; i < this.last[x]!; i++)
            if (levels[i]! > most)
                most = levels[i]!;
        return most;
    }

    /** Colours of one row into out, from `offset` on. */
    paint(levels: Uint8Array, table: Uint32Array, out: Uint32Array, offset: number,
          nothing: number): void {
        for (let x = 0; x < this.width; x++) {
            const level = this.strongest(levels, x);
            out[offset + x] = level < 0 ? nothing : table[level]!;
        }
    }

    /** Levels of one row in dB; NaN where the line has nothing. */
    measure(levels: Uint8Array, dbMin: number, dbStep: number, out: Float32Array): void {
        for (let x = 0; x < this.width; x++) {
            const level = this.strongest(levels, x);
            out[x] = level < 0 ? NaN : dbMin + level * dbStep;
        }
    }
}
