// The waterfall: one row of device pixels for each line, the newest on top. A new line moves the
// picture down by a row and paints one; everything else (zoom, colours, size, scrolling back) paints
// it anew from the history.

import { context } from './canvas';
import { type MapName, pixelsOf } from './colour';
import { History } from './history';
import { Pixels } from './pixels';
import type { Range } from './range';

export interface Scale {
    map: MapName;
    low: number; // dBFS
    high: number;
}

export class Waterfall {
    private tall = 1;
    private readonly ctx: CanvasRenderingContext2D;
    private pixels = new Pixels(1);
    private row: ImageData = new ImageData(1, 1);
    private table: Uint32Array = new Uint32Array(256);
    private tableKey = '';
    private top = -1; // number of the line in the first row; -1: paint all
    private viewKey = '';

    constructor(private readonly canvas: HTMLCanvasElement, private readonly history: History) {
        this.ctx = context(canvas, { alpha: false });
    }

    /** Device pixels. */
    resize(width: number, height: number): void {
        if (this.canvas.width === width && this.canvas.height === height)
            return;
        this.canvas.width = width;
        this.canvas.height = height;
        this.pixels = new Pixels(width);
        this.row = new ImageData(width, this.rowHeight);
        this.top = -1;
    }

    /** Device pixels of a line. */
    get rowHeight(): number {
        return this.tall;
    }

    set rowHeight(value: number) {
        if (this.tall === value) return;
        this.tall = value;
        this.row = new ImageData(this.canvas.width, value);
        this.top = -1;
    }

    /** Rows of lines that fit. */
    get rows(): number {
        return Math.ceil(this.canvas.height / this.rowHeight);
    }

    /** Draws with line `top` in the first row. */
    draw(top: number, view: Range, scale: Scale): void {
        const key = `${view.from} ${view.to} ${scale.map} ${scale.low} ${scale.high}`;
        const fresh = top - this.top;
        if (key === this.viewKey && fresh === 0 && this.top >= 0)
            return;
        if (key !== this.viewKey || this.top < 0 || fresh < 0 || fresh >= this.rows)
            this.paintAll(top, view, scale);
        else
            this.paintNew(top, fresh, view, scale);
        this.viewKey = key;
        this.top = top;
    }

    private tableFor(i: number, scale: Scale): Uint32Array {
        const h = this.history;
        const key = `${h.dbMin[i]} ${h.dbStep[i]} ${scale.map} ${scale.low} ${scale.high}`;
        if (key !== this.tableKey) {
            this.table = pixelsOf(scale.map, h.dbMin[i]!, h.dbStep[i]!, scale.low, scale.high);
            this.tableKey = key;
        }
        return this.table;
    }

    /** Paints line k into the rows of `out` from row y on; background where there is no line. */
    private paintLine(k: number, view: Range, scale: Scale, out: Uint32Array, y: number,
                      rows: number): void {
        const width = this.canvas.width;
        const h = this.history;
        const start = y * width;
        if (!h.has(k)) {
            out.fill(0xff000000, start, start + rows * width);
            return;
        }
        const i = h.at(k);
        this.pixels.fit(h.from[i]!, h.to[i]!, h.bins[i]!, view);
        this.pixels.paint(h.line(k), this.tableFor(i, scale), out, start, 0xff000000);
        // Where time is missing, a dashed line parts before from after.
        if (h.flags[i]! & History.AFTER_GAP)
            for (let x = 0; x < width; x++)
                if (x % 12 < 6)
                    out[start + x] = 0xffb0b0b0;
        for (let r = 1; r < rows; r++)
            out.copyWithin(start + r * width, start, start + width);
    }

    private paintNew(top: number, fresh: number, view: Range, scale: Scale): void {
        const { canvas, ctx } = this;
        const out = new Uint32Array(this.row.data.buffer);
        ctx.drawImage(canvas, 0, fresh * this.rowHeight);
        for (let r = 0; r < fresh; r++) {
            this.paintLine(top - r, view, scale, out, 0, this.rowHeight);
            ctx.putImageData(this.row, 0, r * this.rowHeight);
        }
    }

    private paintAll(top: number, view: Range, scale: Scale): void {
        const { width, height } = this.canvas;
        const image = new ImageData(width, height);
        const out = new Uint32Array(image.data.buffer);
        for (let r = 0; r < this.rows; r++) {
            const y = r * this.rowHeight;
            this.paintLine(top - r, view, scale, out, y, Math.min(this.rowHeight, height - y));
        }
        this.ctx.putImageData(image, 0, 0);
    }
}
