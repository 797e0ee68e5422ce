// Which spectrum the page asks of the server, and when: nothing while the tab is hidden or a pause is full,
// and not a request for each step of a zoom.
import type { Link } from '../link';
import { type Range, same } from './range';

export interface Want {
    receiver: string;
    bins: number;
    fps: number; // 0: nothing
    range: Range | undefined; // undefined: the whole band
}

const SETTLE_MS = 150;

function equal(a: Want, b: Want): boolean {
    return a.receiver === b.receiver && a.bins === b.bins && a.fps === b.fps &&
        (a.range === b.range || (a.range !== undefined && b.range !== undefined && same(a.range, b.range)));
}

export class Feed {
    private want: Want = { receiver: '', bins: 0, fps: 0, range: undefined };
    private asked: Want | undefined;
    private end: (() => void) | undefined;
    private timer = 0;

    constructor(private readonly link: Link) {}

    /** Changes what is wanted. A changed zoom is asked for when it has settled. */
    set(want: Want): void {
        const settle = want.fps > 0 && this.asked?.receiver === want.receiver && this.asked.fps === want.fps;
        this.want = want;
        clearTimeout(this.timer);
        if (settle) this.timer = window.setTimeout(() => this.flush(), SETTLE_MS);
        else this.flush();
    }

    stop(): void {
        this.set({ ...this.want, fps: 0 });
    }

    private flush(): void {
        const w = this.want;
        if (w.fps === 0 || w.receiver === '') {
            this.end?.();
            this.end = this.asked = undefined;
            return;
        }
        if (this.asked && equal(this.asked, w)) return;
        if (this.asked && this.asked.receiver !== w.receiver) this.end?.();
        const range = w.range ? { from: Math.round(w.range.from), to: Math.round(w.range.to) } : {};
        this.asked = w;
        this.end = this.link.feed('spectrum', { spectrum: { receiver: w.receiver, bins: w.bins, fps: w.fps, ...range } },
            { spectrum: { receiver: w.receiver, fps: 0 } });
    }
}
