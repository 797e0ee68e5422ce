// The label at the pointer: frequency, level, time, the channels there, and what was decoded there.
import { h, fill } from '../dom';
import { bandwidth, dbfs } from '../format';
import type { Settings } from '../settings';
import { inWords } from './card';
import { stateOf } from './plot';
import type { Probe } from './scope';

const GAP = 14;

export class Tip {
    readonly el = h('div', { class: 'tip', hidden: true });

    constructor(private readonly clock: (ms: number) => string, private readonly settings: Settings) {}

    show(probe: Probe | undefined, width: number, height: number): void {
        this.el.hidden = !probe;
        if (!probe) return;
        const { x, y, hz, db, time, channels, marks } = probe;
        fill(this.el,
            h('div', { class: 'tip-head' }, h('b', null, `${(hz / 1e6).toFixed(4)} MHz`),
                h('span', null, db === undefined ? '' : dbfs(db, 0)),
                h('span', null, time === undefined ? '' : this.clock(time))),
            channels.slice(0, 3).map(c => h('div', { class: 'tip-channel' },
                h('i', { class: 'dot', 'data-state': stateOf(c) }), h('b', null, c.name), ` ${c.decoder}, ${bandwidth(c.width)}`,
                c.squelch ? `, opens ${c.squelch} dB over the noise` : '')),
            marks.map(m => h('div', { class: 'tip-mark' }, h('b', null, m.message.protocol), ` ${inWords(m.message, this.settings.values.units)}`,
                m.message.snr_db === undefined ? '' : h('span', { class: 'muted' }, ` ${m.message.snr_db.toFixed(0)} dB`))));
        const wide = this.el.offsetWidth, tall = this.el.offsetHeight;
        const left = x + GAP + wide > width ? Math.max(2, x - GAP - wide) : x + GAP;
        const top = y + GAP + tall > height ? Math.max(2, y - GAP - tall) : y + GAP;
        this.el.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }
}
