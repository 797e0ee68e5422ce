// The channels as buttons over the spectrum, each above its frequency, with state, level and squelch.
// Those that do not fit are left without a name.
import { attr, h, text } from '../dom';
import { stateOf, type Channel } from './plot';
import { type Range, xOf } from './range';

const ROW = 20; // CSS pixels
const METER_DB = 40; // what the whole bar stands for, from 5 dB under the noise

interface Flag {
    el: HTMLButtonElement;
    name: HTMLElement;
    decoder: HTMLElement;
    level: HTMLElement;
    limit: HTMLElement;
    width: number; // measured; 0: not yet
}

export class Flags {
    readonly el = h('div', { class: 'flags', role: 'group', 'aria-label': 'Channels of this receiver' });
    private readonly flags = new Map<string, Flag>();

    constructor(private readonly choose: (name: string, flag: HTMLElement) => void) {}

    /** Places them; the result is the height that they take. */
    update(channels: readonly Channel[], view: Range, width: number, rows: number, selected: string): number {
        const gone = new Set(this.flags.keys());
        const taken: number[] = []; // right end of each row so far
        let used = 0;
        const ordered = channels.map(c => ({ c, x: xOf(view, c.freq, width) })).sort((a, b) => a.x - b.x);
        for (const { c, x } of ordered) {
            gone.delete(c.name);
            const flag = this.flags.get(c.name) ?? this.make(c);
            this.fill(flag, c, c.name === selected);
            const outside = !c.wide && (x < 0 || x > width);
            flag.el.hidden = outside;
            if (outside) continue;
            flag.width ||= flag.el.offsetWidth;
            const left = Math.max(2, Math.min(x - flag.width / 2, width - flag.width - 2));
            let row = taken.findIndex(end => end + 3 <= left);
            if (row < 0 && taken.length < rows) row = taken.push(0) - 1;
            attr(flag.el, 'data-small', row < 0 ? 'true' : null);
            if (row >= 0) taken[row] = left + flag.width;
            used = Math.max(used, row + 1);
            flag.el.style.transform = row >= 0 ? `translate(${Math.round(left)}px, ${row * ROW}px)`
                : `translate(${Math.round(x - 5)}px, ${rows * ROW}px)`;
        }
        for (const name of gone) {
            this.flags.get(name)!.el.remove();
            this.flags.delete(name);
        }
        return used * ROW;
    }

    get(name: string): HTMLElement | undefined {
        return this.flags.get(name)?.el;
    }

    private make(c: Channel): Flag {
        const name = h('b'), decoder = h('span'), level = h('i', { class: 'level' }), limit = h('i', { class: 'limit' });
        const el = h('button', { class: 'flag' }, h('i', { class: 'dot' }), name, ' ', decoder,
            h('span', { class: 'meter', 'aria-hidden': 'true' }, level, limit));
        el.addEventListener('click', () => this.choose(c.name, el));
        const flag = { el, name, decoder, level, limit, width: 0 };
        this.flags.set(c.name, flag);
        this.el.append(el);
        return flag;
    }

    private fill(flag: Flag, c: Channel, selected: boolean): void {
        text(flag.name, c.name);
        text(flag.decoder, c.decoder);
        attr(flag.el, 'data-state', stateOf(c));
        attr(flag.el, 'aria-pressed', String(selected));
        attr(flag.el, 'aria-label', `${c.name} ${c.decoder}, ${(c.freq / 1e6).toFixed(4)} MHz, ${c.state}`);
        const measured = c.level !== undefined && c.noise !== undefined;
        attr(flag.el, 'data-meter', measured ? '' : null);
        if (!measured) return;
        const share = (db: number): number => Math.max(0, Math.min(1, (db + 5) / METER_DB));
        flag.level.style.transform = `scaleX(${share(c.level! - c.noise!).toFixed(3)})`;
        flag.limit.hidden = !c.squelch;
        flag.limit.style.left = `${(share(c.squelch ?? 0) * 100).toFixed(1)}%`;
    }
}
