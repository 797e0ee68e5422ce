// The spectrum over the waterfall: curves, grid, channels with their squelch, and the axis of
// frequency below. Draws in CSS pixels; the canvas has device pixels.

import { Sheet } from './canvas';
import { mhz, niceStep, type Range, span, xOf } from './range';
import type { Traces } from './traces';

export interface Look {
    back: string;
    grid: string;
    text: string;
    now: string;
    mean: string;
    peak: string;
    always: string; // channels without a squelch
    open: string;
    closed: string;
    font: string;
}

export interface Channel {
    name: string;
    decoder: string;
    freq: number; // Hz
    width: number; // Hz
    wide: boolean; // its decoder takes the whole band
    state: string; // as the status has it
    squelch?: number; // dB over the noise; undefined or 0: always open
    level?: number; // dBFS in its width
    noise?: number;
    messages: number;
}

/** The state, or 'always' where no squelch closes it. */
export const stateOf = (c: Channel): string => (c.state === 'decoding' && !c.squelch ? 'always' : c.state);

export interface Frame {
    view: Range;
    low: number; // dBFS at the bottom
    high: number;
    channels: readonly Channel[];
    selected: string;
    cursor: number | undefined; // Hz
    select: Range | undefined; // being dragged
}

const AXIS = 22; // CSS pixels of the axis of frequency

export class Plot extends Sheet {
    constructor(canvas: HTMLCanvasElement) {
        super(canvas, { alpha: false });
    }

    draw(f: Frame, traces: Traces, look: Look): void {
        const { ctx, width, height } = this;
        const bottom = height - AXIS;
        const x = (hz: number): number => xOf(f.view, hz, width);
        const y = (db: number): number => bottom - (db - f.low) / (f.high - f.low) * bottom;
        ctx.fillStyle = look.back;
        ctx.fillRect(0, 0, width, height);
        ctx.font = look.font;
        this.drawGrid(f, look, x, y, bottom);
        ctx.save();
        ctx.beginPath();
        ctx.rect(0, 0, width, bottom);
        ctx.clip();
        for (const c of f.channels)
            if (!c.wide)
                this.drawChannel(c, c.name === f.selected, look, x, bottom);
        this.drawCurve(traces.mean, y, bottom, look.mean, true);
        this.drawCurve(traces.peak, y, bottom, look.peak, false);
        this.drawCurve(traces.now, y, bottom, look.now, false);
        for (const c of f.channels)
            this.drawSquelch(c, traces, look, x, y);
        if (f.cursor !== undefined) {
            ctx.fillStyle = look.text;
            ctx.globalAlpha = 0.6;
            ctx.fillRect(Math.round(x(f.cursor)), 0, 1, bottom);
            ctx.globalAlpha = 1;
        }
        if (f.select) {
            ctx.fillStyle = look.now;
            ctx.globalAlpha = 0.25;
            ctx.fillRect(x(f.select.from), 0, x(f.select.to) - x(f.select.from), bottom);
            ctx.globalAlpha = 1;
        }
        ctx.restore();
        this.drawAxis(f, look, x, bottom);
    }

    private drawGrid(f: Frame, look: Look, x: (hz: number) => number, y: (db: number) => number,
                     bottom: number): void {
        const { ctx, width } = this;
        const step = niceStep(f.high - f.low, bottom / 34);
        ctx.fillStyle = look.grid;
        for (let db = Math.ceil(f.low / step) * step; db < f.high; db += step)
            ctx.fillRect(0, Math.round(y(db)), width, 1);
        const hz = niceStep(span(f.view), width / 96);
        for (let v = Math.ceil(f.view.from / hz) * hz; v < f.view.to; v += hz)
            ctx.fillRect(Math.round(x(v)), 0, 1, bottom);
        ctx.fillStyle = look.text;
        ctx.textAlign = 'left';
        ctx.textBaseline = 'bottom';
        for (let db = Math.ceil(f.low / step) * step; db < f.high; db += step)
            if (y(db) > 14 && y(db) < bottom - 2)
                ctx.fillText(`${db} dB`.replace('-', '−'), 4, y(db) - 1);
    }

    private drawChannel(c: Channel, selected: boolean, look: Look, x: (hz: number) => number,
                        bottom: number): void {
        const { ctx } = this;
        const left = x(c.freq - c.width / 2);
        const wide = Math.max(2, x(c.freq + c.width / 2) - left);
        ctx.fillStyle = c.state !== 'decoding' ? look.closed : c.squelch ? look.open : look.always;
        ctx.globalAlpha = selected ? 0.4 : 0.2;
        ctx.fillRect(left, 0, wide, bottom);
        ctx.globalAlpha = 1;
    }

    /** Where the squelch opens, beside the mean noise around the channel. */
    private drawSquelch(c: Channel, traces: Traces, look: Look,
                        x: (hz: number) => number, y: (db: number) => number): void {
        if (!c.squelch || c.wide)
            return;
        const { ctx, width } = this;
        const left = x(c.freq - c.width / 2);
        const right = Math.max(left + 6, x(c.freq + c.width / 2));
        const noise = noiseAround(traces, left, right, width);
        if (noise === undefined || right < 0 || left > width)
            return;
        ctx.strokeStyle = look.text;
        ctx.lineWidth = 2;
        ctx.setLineDash([4, 2]);
        ctx.beginPath();
        ctx.moveTo(left - 3, y(noise + c.squelch));
        ctx.lineTo(right + 3, y(noise + c.squelch));
        ctx.stroke();
        ctx.setLineDash([]);
    }

    private drawCurve(values: Float32Array, y: (db: number) => number, bottom: number,
                      colour: string, filled: boolean): void {
        const { ctx, width } = this;
        const step = width / values.length;
        let drawing = false;
        let start = 0;
        ctx.beginPath();
        for (let i = 0; i < values.length; i++) {
            const v = values[i]!;
            if (v !== v) {
                drawing = false;
                continue;
            }
            const at = (i + 0.5) * step;
            if (drawing)
                ctx.lineTo(at, y(v));
            else
                ctx.moveTo(start = at, filled ? bottom : y(v));
            if (!drawing && filled)
                ctx.lineTo(at, y(v));
            drawing = true;
            if (filled && (i + 1 === values.length || values[i + 1] !== values[i + 1])) {
                ctx.lineTo(at, bottom);
                ctx.lineTo(start, bottom);
            }
        }
        if (filled) {
            ctx.fillStyle = colour;
            ctx.fill();
        } else {
            ctx.strokeStyle = colour;
            ctx.lineWidth = 1;
            ctx.stroke();
        }
    }

    private drawAxis(f: Frame, look: Look, x: (hz: number) => number, bottom: number): void {
        const { ctx, width } = this;
        const step = niceStep(span(f.view), width / 96);
        ctx.fillStyle = look.grid;
        ctx.fillRect(0, bottom, width, 1);
        ctx.fillStyle = look.text;
        ctx.textBaseline = 'middle';
        ctx.textAlign = 'center';
        const unit = 'MHz';
        const last = width - ctx.measureText(unit).width - 10;
        for (let v = Math.ceil(f.view.from / step) * step; v < f.view.to; v += step) {
            const text = mhz(v, step);
            const half = ctx.measureText(text).width / 2;
            if (x(v) - half < 0 || x(v) + half > last)
                continue;
            ctx.fillRect(Math.round(x(v)), bottom, 1, 4);
            ctx.fillText(text, x(v), bottom + AXIS / 2 + 2);
        }
        ctx.textAlign = 'right';
        ctx.fillText(unit, width - 4, bottom + AXIS / 2 + 2);
    }
}

/** The quiet level beside a channel in the mean curve: a quarter of the way up from the lowest of
 * the pixels on both sides. */
function noiseAround(traces: Traces, left: number, right: number, width: number):
    number | undefined {
    const scale = traces.width / width;
    const reach = Math.max(8, (right - left) * 1.5);
    const near: number[] = [];
    for (let i = Math.max(0, Math.floor((left - reach) * scale));
         i < Math.min(traces.width, (right + reach) * scale); i++)
        if (traces.mean[i]! === traces.mean[i]!)
            near.push(traces.mean[i]!);
    near.sort((a, b) => a - b);
    return near[Math.floor(near.length / 4)];
}
