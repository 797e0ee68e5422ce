// One receiver's spectrum and waterfall: what is kept, what part of it is shown, and the drawing. Draws only
// when something changed, once a picture of the screen.
import { h } from '../dom';
import type { Message } from '../types';
import type { MapName } from './colour';
import { Flags } from './flags';
import type { Line } from './frame';
import { type Gestures, listen } from './gestures';
import type { History } from './history';
import type { Mark, Marks } from './marks';
import { Overlay } from './overlay';
import { MOST_BINS, type Past } from './past';
import { type Channel, type Look, Plot } from './plot';
import { hzAt, moved, type Range, same, span, within, zoomed } from './range';
import { Traces } from './traces';
import { Waterfall } from './waterfall';

const PULL_PX = 16; // a drag this far upwards pauses and scrolls back
const AUTO_LINES = 10; // the scale follows the noise this often

/** What is at a point of the picture. */
export interface Probe {
    x: number;
    y: number;
    hz: number;
    db: number | undefined;
    time: number | undefined; // ms since 1970; undefined: in the spectrum above the waterfall
    channels: Channel[];
    marks: Mark[];
}

export interface ScopeEvents {
    /** Another part of the band is shown, or it was paused or resumed. */
    changed(): void;
    /** A channel was chosen by its flag or in the picture, or what it decoded there. */
    chosen(name: string, message?: Message): void;
    /** A place without a channel was tapped. */
    tapped(probe: Probe): void;
    /** The pointer is somewhere else; undefined: it left. */
    probed(probe: Probe | undefined): void;
}

export class Scope implements Gestures {
    readonly el: HTMLElement;
    readonly history: History;
    readonly marks: Marks;
    band: Range | undefined;
    channels: Channel[] = [];
    selected = '';
    map: MapName = 'inferno';
    manual: { low: number; high: number } | undefined; // dBFS
    fps = 20; // lines a second: few are drawn taller
    clock: (ms: number) => string = ms => new Date(ms).toISOString().slice(11, 19);
    look!: Look;

    private zoomTo: Range | undefined; // undefined: the whole band
    private pausedAt: number | undefined; // the line on top
    private pull = 0;
    private readonly plotCanvas = h('canvas', { class: 'plot', 'aria-hidden': 'true' });
    private readonly fallCanvas = h('canvas', { class: 'fall', 'aria-hidden': 'true' });
    private readonly overCanvas = h('canvas', { class: 'over', 'aria-hidden': 'true' });
    private readonly flags = new Flags(name => this.events.chosen(name));
    private readonly plot = new Plot(this.plotCanvas);
    private readonly fall: Waterfall;
    private readonly over: Overlay;
    private traces: Traces;
    private readonly sizes = new ResizeObserver(() => this.measure());
    private readonly deaf: () => void;
    private width = 0;
    private height = 0;
    private plotHeight = 0;
    private ratio = 1;
    private flagsHeight = 0;
    private auto = { low: -90, high: -40, at: -1 };
    private cursor: { x: number; y: number } | undefined;
    private hovered: Mark | undefined;
    private choice: Range | undefined;
    private frame = 0;

    constructor(past: Past, private readonly events: ScopeEvents) {
        this.history = past.history;
        this.marks = past.marks;
        this.fall = new Waterfall(this.fallCanvas, past.history);
        this.over = new Overlay(this.overCanvas, past.history);
        this.traces = new Traces(1, past.history);
        this.el = h('div', { class: 'scope', tabindex: '0', role: 'group' },
            h('div', { class: 'upper' }, this.plotCanvas, this.flags.el),
            h('div', { class: 'lower' }, this.fallCanvas, this.overCanvas));
        this.deaf = listen(this.el, this, (_x, y, e) => (y < this.plotHeight) !== e.shiftKey && e.pointerType !== 'touch');
        this.sizes.observe(this.el);
    }

    close(): void {
        this.deaf();
        this.sizes.disconnect();
        this.el.remove();
        cancelAnimationFrame(this.frame);
    }

    /** Its size is known. */
    get measured(): boolean {
        return this.width > 0;
    }

    /** Bins that fill the width. */
    get bins(): number {
        return Math.min(MOST_BINS, Math.max(64, this.fallCanvas.width));
    }

    /** What is shown; undefined: nothing is known of the band yet. */
    get view(): Range | undefined {
        return this.zoomTo ?? this.band;
    }

    /** The part of the band that is shown; undefined: all of it. */
    get zoom(): Range | undefined {
        return this.zoomTo;
    }

    set zoom(range: Range | undefined) {
        if (!this.band) return;
        const next = range && within(range, this.band);
        this.zoomTo = next && !same(next, this.band) ? next : undefined;
        this.redraw();
        this.events.changed();
    }

    get paused(): boolean {
        return this.pausedAt !== undefined;
    }

    /** More lines would push out what is looked at. */
    get full(): boolean {
        return this.pausedAt !== undefined && this.history.count - this.pausedAt > this.history.capacity / 2;
    }

    /** How far back the picture begins, in s. */
    get behind(): number {
        const { history: past } = this;
        if (this.pausedAt === undefined || !past.has(this.pausedAt)) return 0;
        return (past.time[past.at(past.count - 1)]! - past.time[past.at(this.pausedAt)]!) / 1e3;
    }

    /** The scale of levels in force. */
    get scale(): { low: number; high: number } {
        return this.manual ?? this.auto;
    }

    pause(on: boolean): void {
        if (on === this.paused) return;
        this.pausedAt = on ? this.history.count - 1 : undefined;
        this.redraw();
        this.events.changed();
    }

    /** The band of the receiver, which may have been tuned. */
    setBand(band: Range): void {
        if (this.band && same(this.band, band)) return;
        const zoom = this.zoomTo;
        this.band = band;
        this.zoomTo = undefined;
        if (zoom && zoom.from < band.to && zoom.to > band.from) this.zoom = zoom;
        else this.events.changed();
        this.redraw();
    }

    push(line: Line): void {
        if (this.full) return;
        this.history.push(line);
        this.follow();
        this.redraw();
    }

    message(m: Message): void {
        const channel = this.channels.find(c => c.name === m.channel);
        this.marks.add(m, channel?.width ?? 12_500, channel?.wide ?? false);
        const { history: past } = this;
        if (past.count > 0) this.marks.forget(past.time[past.at(past.first)]!);
        if (this.paused) this.redraw();
    }

    redraw(): void {
        this.frame ||= requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
        });
    }

    /** What is at a point: CSS pixels. */
    probe(x: number, y: number): Probe | undefined {
        const view = this.view;
        if (!view || this.width === 0) return undefined;
        const { history: past } = this;
        const hz = hzAt(view, x, this.width);
        const row = Math.floor((y - this.plotHeight) * this.ratio / this.fall.rowHeight);
        const k = this.top - Math.max(0, row);
        const near = (4 / this.width) * span(view);
        const channels = this.channels.filter(c => Math.abs(c.freq - hz) <= Math.max(c.width / 2, near))
            .sort((a, b) => Math.abs(a.freq - hz) - Math.abs(b.freq - hz));
        const end = past.has(k) ? past.time[past.at(k)]! : undefined;
        const ms = end === undefined ? 0 : past.spanMs[past.at(k)]!;
        return {
            x, y, hz, channels,
            db: past.has(k) ? past.db(k, hz) : undefined,
            time: row >= 0 ? end : undefined,
            marks: row < 0 || end === undefined ? [] : this.marks.near(hz, near, end - ms * 2, end + ms, 6),
        };
    }

    // ---- gestures ----

    hover(x: number, y: number): void {
        this.cursor = { x, y };
        this.tell();
    }

    left(): void {
        this.cursor = undefined;
        this.hovered = undefined;
        this.events.probed(undefined);
        this.redraw();
    }

    tap(x: number, y: number): void {
        this.hover(x, y);
        const probe = this.probe(x, y);
        const mark = probe?.marks[0];
        const channel = probe?.channels.find(c => !c.wide);
        if (mark) this.events.chosen(mark.message.channel, mark.message);
        else if (channel) this.events.chosen(channel.name);
        else if (probe) this.events.tapped(probe);
    }

    closer(x: number): void {
        this.zoomAt(x, 0.5);
    }

    drag(dx: number, dy: number): void {
        const view = this.view;
        if (view && this.band && dx !== 0) this.zoom = moved(view, this.band, (-dx / this.width) * span(view));
        this.pull = this.paused || Math.abs(dy) > Math.abs(dx) ? this.pull + dy : 0;
        if (!this.paused && this.pull > -PULL_PX) return;
        const rows = Math.trunc(-this.pull * this.ratio / this.fall.rowHeight);
        this.pull += (rows * this.fall.rowHeight) / this.ratio;
        this.back(rows);
    }

    choose(x0: number, x1: number, done: boolean): void {
        const view = this.view;
        if (!view) return;
        const hz = (x: number): number => hzAt(view, Math.max(0, Math.min(this.width, x)), this.width);
        const range = { from: hz(Math.min(x0, x1)), to: hz(Math.max(x0, x1)) };
        this.choice = done ? undefined : range;
        if (done && Math.abs(x1 - x0) > 8) this.zoom = range;
        this.redraw();
    }

    zoomAt(x: number, factor: number): void {
        const view = this.view;
        if (view && this.band) this.zoom = zoomed(view, this.band, hzAt(view, x, this.width), factor);
    }

    /** Zooms around the middle, or the cursor. */
    zoomMiddle(factor: number): void {
        this.zoomAt(this.cursor?.x ?? this.width / 2, factor);
    }

    /** Moves by a share of what is shown. */
    panBy(share: number): void {
        this.drag(-share * this.width, 0);
    }

    /** Scrolls back by so many lines; pauses. */
    back(lines: number): void {
        if (lines === 0 || this.history.count === 0) return;
        const at = (this.pausedAt ?? this.history.count - 1) - lines;
        const oldest = Math.min(this.history.count - 1, this.history.first + Math.floor(this.fall.rows / 2));
        const was = this.pausedAt;
        this.pausedAt = Math.max(oldest, Math.min(this.history.count - 1, at));
        if (this.pausedAt === was) return;
        this.redraw();
        this.events.changed();
    }

    // ---- drawing ----

    /** Device pixels of a line. */
    private get rowHeight(): number {
        return Math.max(1, Math.round(this.ratio * (this.fps <= 5 ? 3 : this.fps <= 10 ? 2 : 1)));
    }

    private get top(): number {
        return this.pausedAt ?? this.history.count - 1;
    }

    private tell(): void {
        const probe = this.cursor && this.probe(this.cursor.x, this.cursor.y);
        this.hovered = probe?.marks.find(m => !m.wide);
        this.events.probed(probe);
        this.redraw();
    }

    /** Sets the automatic scale by the noise, seldom and only if it is far off: each change paints all anew. */
    private follow(): void {
        const first = this.auto.at < 0;
        if (this.manual || this.paused || (!first && this.history.count - this.auto.at < AUTO_LINES)) return;
        const floor = this.traces.floor(), top = this.traces.top();
        if (floor === undefined || top === undefined) return;
        const low = Math.round(floor - 2);
        const high = Math.round(Math.min(Math.max(top + 2, floor + 24), floor + 70));
        this.auto.at = this.history.count;
        if (first || low < this.auto.low - 3 || low > this.auto.low + 5) this.auto.low = low;
        if (first || high > this.auto.high + 1 || high < this.auto.high - 10) this.auto.high = high;
    }

    private measure(): void {
        this.width = this.el.clientWidth;
        this.height = this.el.clientHeight;
        if (this.width === 0 || this.height === 0) return;
        this.ratio = devicePixelRatio || 1;
        this.plotHeight = Math.round(Math.min(250, Math.max(130, this.height * 0.36)));
        this.el.style.setProperty('--plot-height', `${this.plotHeight}px`);
        const lower = this.height - this.plotHeight;
        this.plot.resize(this.width, this.plotHeight, this.ratio);
        this.fall.rowHeight = this.rowHeight;
        this.fall.resize(Math.round(this.width * this.ratio), Math.round(lower * this.ratio));
        this.over.resize(this.width, lower, this.ratio);
        if (this.traces.width !== this.fallCanvas.width) this.traces = new Traces(this.fallCanvas.width, this.history);
        this.draw(); // a canvas that was resized is empty
        this.events.changed();
    }

    private draw(): void {
        const view = this.view;
        if (!view || this.width === 0 || !this.look) return;
        const top = this.top;
        this.fall.rowHeight = this.rowHeight;
        this.traces.update(top, view);
        const { low, high } = this.scale;
        const rows = this.plotHeight > 190 ? 4 : 3;
        this.flagsHeight = this.flags.update(this.channels, view, this.width, rows, this.selected);
        const cursor = this.cursor && hzAt(view, this.cursor.x, this.width);
        const room = (high - low) * (this.flagsHeight + 6) / Math.max(60, this.plotHeight - this.flagsHeight);
        this.plot.draw({
            view, low: low - 3, high: high + room, channels: this.channels, selected: this.selected, cursor, select: this.choice,
        }, this.traces, this.look);
        this.fall.draw(top, view, { map: this.map, low, high });
        this.over.draw({
            view, top, rowHeight: this.fall.rowHeight / this.ratio, marks: this.marks.list, channels: this.channels,
            selected: this.selected, hover: this.hovered, cursor, clock: this.clock, font: this.look.font,
        });
    }
}
