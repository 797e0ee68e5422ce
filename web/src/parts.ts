// Small pieces that several views use.
import { attr, h, svg, text } from './dom';
import { look } from './protocols';

/** The name of a protocol in its colour. */
export const badge = (protocol: string): HTMLElement =>
    h('span', { class: `badge p-${look(protocol).colour}` }, look(protocol).label);

/** A word in a frame: a state, a mark. tone: good, warn, bad or ''. */
export function chip(words: string, tone = ''): HTMLElement {
    return h('span', { class: 'chip', 'data-tone': tone }, words);
}

export function setChip(el: HTMLElement, words: string, tone = ''): void {
    text(el, words);
    attr(el, 'data-tone', tone);
}

/** A curve of the last values, without axes; what it shows stands beside it as a number. */
export class Sparkline {
    private readonly area = svg('path', { class: 'spark-area' });
    private readonly line = svg('path', { class: 'spark-line' });
    readonly el = svg('svg', { class: 'spark', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        this.area, this.line);

    /** values: the newest last. Few of them do not fill the width. */
    set(values: number[]): void {
        const steps = Math.max(6, values.length);
        const top = Math.max(...values, 1e-9);
        const points = values.map((v, i, all) =>
            `${(100 - ((all.length - 1 - i) * 100) / (steps - 1)).toFixed(1)} ${(22 - (v / top) * 20).toFixed(1)}`);
        if (points.length < 2) points.length = 0;
        const d = points.length ? `M${points.join('L')}` : '';
        attr(this.line, 'd', d);
        attr(this.area, 'd', points.length ? `${d}L100 24L${points[0]!.split(' ')[0]} 24Z` : '');
    }
}

/** A level between two ends in dB, with a mark for the noise. */
export class LevelBar {
    private readonly fill = h('i', { class: 'bar-fill' });
    private readonly mark = h('i', { class: 'bar-mark' });
    readonly el = h('span', { class: 'bar', 'aria-hidden': 'true' }, this.fill, this.mark);

    constructor(private readonly low: number, private readonly high: number) {}

    set(level: number | undefined, noise: number | undefined): void {
        const at = (v: number): string => `${Math.max(0, Math.min(100, ((v - this.low) / (this.high - this.low)) * 100)).toFixed(1)}%`;
        this.fill.style.width = level === undefined ? '0' : at(level);
        this.mark.style.left = at(noise ?? this.low);
        this.mark.hidden = noise === undefined;
    }
}

/** A list of elements that follows a list of things: kept by key, in order, moved only if need be. */
export class Rows<T, R extends { el: Element }> {
    readonly rows = new Map<string, R>();

    constructor(
        private readonly parent: Element,
        private readonly key: (thing: T) => string,
        private readonly make: (thing: T) => R,
        private readonly update: (row: R, thing: T) => void,
    ) {}

    set(things: readonly T[]): void {
        const left = new Set(this.rows.keys());
        things.forEach((thing, i) => {
            const key = this.key(thing);
            let row = this.rows.get(key);
            if (!row) this.rows.set(key, (row = this.make(thing)));
            left.delete(key);
            this.update(row, thing);
            if (this.parent.children[i] !== row.el) this.parent.insertBefore(row.el, this.parent.children[i] ?? null);
        });
        for (const key of left) {
            this.rows.get(key)!.el.remove();
            this.rows.delete(key);
        }
    }
}
