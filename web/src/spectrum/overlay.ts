// What lies over the waterfall: the edges of channels, boxes where bursts were decoded, times, and
// the cursor. The boxes of decoders of the whole band would hide everything; they are counted in a
// lane at the right edge instead.

import { Sheet } from './canvas';
import type { History } from './history';
import type { Mark } from './marks';
import type { Channel } from './plot';
import { type Range, xOf } from './range';

const LANE = 26; // CSS pixels
const HALO = 'rgba(0, 0, 0, 0.65)';

export interface Over {
    view: Range;
    top: number; // number of the line in the first row
    rowHeight: number; // CSS pixels
    marks: readonly Mark[];
    channels: readonly Channel[];
    selected: string;
    hover: Mark | undefined;
    cursor: number | undefined; // Hz
    clock: (ms: number) => string; // a time of day as the user wants it
    font: string;
}

export class Overlay extends Sheet {
    private lane = new Uint16Array(0);

    constructor(canvas: HTMLCanvasElement, private readonly history: History) {
        super(canvas);
    }

    draw(o: Over): void {
        const { ctx, width, height } = this;
        ctx.clearRect(0, 0, width, height);
        this.drawEdges(o);
        this.drawMarks(o);
        this.drawTimes(o);
        if (o.cursor !== undefined) {
            ctx.fillStyle = 'rgba(255, 255, 255, 0.5)';
            ctx.fillRect(Math.round(xOf(o.view, o.cursor, width)), 0, 1, height);
        }
    }

    private drawEdges(o: Over): void {
        const { ctx, width, height } = this;
        for (const c of o.channels) {
            const left = xOf(o.view, c.freq - c.width / 2, width);
            const right = xOf(o.view, c.freq + c.width / 2, width);
            if (c.wide || right < 0 || left > width)
                continue;
            ctx.fillStyle = c.name === o.selected ? 'rgba(255, 255, 255, 0.55)'
                                                  : 'rgba(255, 255, 255, 0.16)';
            ctx.fillRect(Math.round(left) - 1, 0, 1, height);
            ctx.fillRect(Math.round(right), 0, 1, height);
        }
    }

    private drawMarks(o: Over): void {
        const { ctx, width, height, history } = this;
        const rows = Math.ceil(height / o.rowHeight);
        const oldest = Math.max(history.first, o.top - rows);
        if (!history.has(o.top))
            return;
        const before = history.time[history.at(oldest)]!;
        if (this.lane.length !== rows + 1)
            this.lane = new Uint16Array(rows + 1);
        this.lane.fill(0);
        ctx.lineWidth = 1;
        for (const m of o.marks) {
            if (m.time + m.ms < before)
                continue;
            const start = history.find(m.time);
            if (start > o.top || m.to < o.view.from || m.from > o.view.to)
                continue;
            if (m.wide) {
                const row = o.top - start;
                if (row <= rows)
                    this.lane[row]!++;
                continue;
            }
            const end = Math.min(o.top, history.find(m.time + m.ms));
            const left = xOf(o.view, m.from, width);
            const right = xOf(o.view, m.to, width);
            const y = (o.top - end) * o.rowHeight;
            const tall = Math.max((end - start + 1) * o.rowHeight, 3);
            const wide = Math.max(right - left, 5);
            const x = Math.round((left + right - wide) / 2) - 0.5;
            ctx.strokeStyle = m === o.hover ? '#ffffff' : 'rgba(255, 255, 255, 0.8)';
            ctx.strokeRect(x, Math.round(y) - 0.5, Math.round(wide) + 1, Math.round(tall) + 1);
            if (m === o.hover) {
                ctx.fillStyle = 'rgba(255, 255, 255, 0.25)';
                ctx.fillRect(x, y, wide, tall);
            }
        }
        this.drawLane(o, rows);
    }

    /** Messages of decoders of the whole band, counted for each row. */
    private drawLane(o: Over, rows: number): void {
        const { ctx, width, height, lane } = this;
        if (!o.channels.some((c) => c.wide))
            return;
        ctx.fillStyle = HALO;
        ctx.fillRect(width - LANE, 0, LANE, height);
        ctx.fillStyle = 'rgba(255, 255, 255, 0.7)';
        const filled = lane.filter(n => n > 0);
        const most = Math.max(8, (2 * filled.reduce((a, b) => a + b, 0)) / Math.max(1, filled.length));
        for (let r = 0; r <= rows; r++) {
            const n = lane[r]!;
            if (n > 0) {
                const long = Math.min(LANE - 2, 1 + (n / most) * (LANE - 3));
                ctx.fillRect(width - long, r * o.rowHeight, long, o.rowHeight);
            }
        }
    }

    /** A time every 50 pixels or so, at whole seconds. */
    private drawTimes(o: Over): void {
        const { ctx, height, history } = this;
        const rows = Math.min(Math.floor(height / o.rowHeight), o.top - history.first + 1);
        if (rows < 2 || !history.has(o.top))
            return;
        const spanMs = history.time[history.at(o.top)]! - history.time[history.at(o.top - rows + 1)]!;
        const step = [1, 2, 5, 10, 20, 30, 60].find(
            (s) => s * 1e3 / Math.max(1, spanMs) * rows * o.rowHeight >= 46) ?? 60;
        ctx.font = o.font;
        ctx.textAlign = 'left';
        ctx.textBaseline = 'middle';
        let lastY = 0;
        for (let r = 1; r < rows; r++) {
            const newer = Math.floor(history.time[history.at(o.top - r + 1)]! / (step * 1e3));
            const older = Math.floor(history.time[history.at(o.top - r)]! / (step * 1e3));
            const y = Math.round(r * o.rowHeight);
            if (newer === older || y - lastY < 30 || y > height - 8)
                continue;
            lastY = y;
            const text = o.clock(newer * step * 1e3);
            ctx.fillStyle = HALO;
            ctx.fillRect(0, y - 8, ctx.measureText(text).width + 14, 16);
            ctx.fillStyle = '#ffffff';
            ctx.fillRect(0, y, 5, 1);
            ctx.fillText(text, 8, y + 0.5);
        }
    }
}
