// A receiver with its channels.
import type { App } from '../app';
import { attr, h, icon, text } from '../dom';
import { ago, bandwidth, db, dbfs, duration, frequency, num, percent, perMinute, ppm, DASH } from '../format';
import { LevelBar, Rows, Sparkline, badge, chip, setChip } from '../parts';
import { isVoice } from '../protocols';
import { href } from '../router';
import type { Channel, Receiver } from '../types';
import { addChannel, changeReceiver, removeChannel } from './now-controls';

const STATE_TONE: Record<string, string> = { streaming: 'good', opening: 'warn', stopping: 'warn', ended: '', closed: '' };
const CHANNEL_TONE: Record<string, string> = { decoding: 'good', squelched: '', away: '', waiting: 'warn', failed: 'bad' };
const CHANNEL_STATE: Record<string, string> = { squelched: 'quiet', away: 'other band' };

class ChannelRow {
    private readonly state = chip('');
    private readonly rate = h('td', { class: 'n rate' });
    private readonly spark = new Sparkline();
    private readonly level = h('td', { class: 'n level' });
    private readonly last = h('td', { class: 'n last' });
    private readonly lost = h('td', { class: 'n lost' });
    private readonly error = h('div', { class: 'channel-error' });
    private readonly freq = h('td', { class: 'n freq' });
    private readonly actions = h('td', { class: 'actions' });
    readonly el: HTMLElement;

    constructor(private readonly app: App, c: Channel) {
        const remove = h('button', { class: 'plain', 'aria-label': `Remove the channel ${c.name}`, title: 'Remove', onclick: () => removeChannel(app, c.name) }, icon('trash'));
        if (app.store.control) this.actions.append(remove);
        this.el = h('tr', null,
            h('th', { scope: 'row', class: 'name' }, h('a', { href: href('messages', { channel: c.name }), title: 'Its messages' }, c.name),
                isVoice(c.decoder) && h('a', { class: 'listen', href: href('sound', { channel: c.name }), 'aria-label': `Listen to ${c.name}`, title: 'Listen' }, icon('sound')),
                this.error),
            h('td', { class: 'proto' }, badge(c.decoder)), this.freq,
            h('td', { class: 'state' }, this.state), this.rate, h('td', { class: 'curve' }, this.spark.el), this.last, this.level, this.lost, this.actions);
    }

    set(c: Channel): void {
        text(this.freq, frequency(c.freq_hz));
        setChip(this.state, CHANNEL_STATE[c.state] ?? c.state, CHANNEL_TONE[c.state] ?? '');
        text(this.rate, perMinute(this.app.store.rate(c.name)));
        this.spark.set(this.app.store.curve(c.name));
        text(this.last, c.last_message_age_s === undefined ? 'none yet' : ago(c.last_message_age_s));
        text(this.level, c.level_dbfs === undefined ? DASH : `${db(c.level_dbfs - (c.noise_dbfs ?? c.level_dbfs))}`);
        text(this.lost, num(c.lost_samples));
        attr(this.lost, 'data-tone', c.lost_samples ? 'warn' : null);
        text(this.error, c.error);
        this.error.hidden = !c.error;
    }
}

/** A name and a value of a receiver. */
class Fact {
    private readonly value = h('dd');
    readonly el: HTMLElement;

    constructor(title: string, private readonly bar?: LevelBar) {
        this.el = h('div', null, h('dt', null, title), this.value, bar?.el ?? null);
    }

    set(words: string, tone = '', title = ''): void {
        text(this.value, words);
        attr(this.value, 'data-tone', tone || null);
        attr(this.el, 'title', title || null);
    }

    setBar(level: number | undefined, noise: number | undefined): void {
        this.bar?.set(level, noise);
    }
}

export class ReceiverCard {
    private readonly state = chip('');
    private readonly mark = chip('', 'warn');
    private readonly about = h('p', { class: 'muted receiver-about' });
    private readonly reason = h('p', { class: 'receiver-reason', hidden: true });
    private readonly facts = {
        centre: new Fact('Centre'),
        rate: new Fact('Band'),
        gain: new Fact('Gain'),
        level: new Fact('Level', new LevelBar(-60, 0)),
        noise: new Fact('Noise'),
        clip: new Fact('Clipping'),
        crystal: new Fact('Crystal'),
        lost: new Fact('Lost'),
    };
    private readonly body = h('tbody');
    private readonly table = h('table', { class: 'channels' },
        h('thead', null, h('tr', null,
            h('th', { scope: 'col' }, 'Channel'), h('th', { scope: 'col' }, 'Decoder'), h('th', { scope: 'col', class: 'n' }, 'Frequency'),
            h('th', { scope: 'col' }, 'State'), h('th', { scope: 'col', class: 'n' }, 'Per minute'), h('th', { scope: 'col' }, h('span', { class: 'unseen' }, 'Curve of the last minute')),
            h('th', { scope: 'col', class: 'n' }, 'Last'), h('th', { scope: 'col', class: 'n', title: 'Level over the noise of the channel' }, 'Over noise'),
            h('th', { scope: 'col', class: 'n', title: 'Samples that this channel lost' }, 'Lost'), h('th', null, h('span', { class: 'unseen' }, 'Change')))),
        this.body);
    private readonly controls = h('div', { class: 'receiver-controls' });
    private readonly rows: Rows<Channel, ChannelRow>;
    private receiver: Receiver | null = null;
    private mayControl: boolean | null = null;
    readonly el: HTMLElement;

    constructor(private readonly app: App, name: string) {
        this.rows = new Rows(this.body, c => `${c.name} ${c.decoder} ${this.mayControl}`, c => new ChannelRow(app, c), (row, c) => row.set(c));
        this.el = h('section', { class: 'panel receiver', 'aria-label': `Receiver ${name}` },
            h('header', null, h('h2', null, name), this.state, this.mark, this.about, this.controls),
            this.reason,
            h('dl', { class: 'facts' }, Object.values(this.facts).map(f => f.el)),
            h('div', { class: 'scroll' }, this.table));
    }

    set(r: Receiver, channels: Channel[]): void {
        this.receiver = r;
        setChip(this.state, r.state, STATE_TONE[r.state] ?? 'bad');
        setChip(this.mark, r.simulated ? 'simulated' : r.replayed ? 'recording' : '', r.simulated || r.replayed ? 'warn' : '');
        this.mark.hidden = !r.simulated && !r.replayed;
        text(this.about, [r.device || `${r.source} ${r.input}`.trim(), `${r.state} for ${duration(Math.floor(r.state_age_s))}`].join(' · '));
        const why = [r.reason, r.tuning && r.tuning !== 'done' ? `Last change: ${r.tuning}` : ''].filter(Boolean).join(' · ');
        text(this.reason, why);
        this.reason.hidden = !why;
        this.setFacts(r);
        this.setControls();
        this.rows.set(channels);
        this.table.hidden = channels.length === 0;
    }

    private setFacts(r: Receiver): void {
        const f = this.facts, real = !r.simulated;
        f.centre.set(frequency(r.centre_hz));
        f.rate.set(bandwidth(r.rate_hz), r.pace && r.pace !== 'on time' ? 'warn' : '', r.pace && r.pace !== 'on time' ? `samples arrive ${r.pace}` : `${r.format} samples`);
        f.gain.set(r.gain_db === 'auto' ? 'automatic' : real ? db(r.gain_db) : DASH);
        f.level.set(dbfs(r.level_dbfs), '', 'Mean power of the samples');
        f.level.setBar(r.level_dbfs, r.noise_dbfs);
        f.noise.set(dbfs(r.noise_dbfs));
        f.clip.set(r.clip_percent === undefined ? DASH : percent(r.clip_percent, r.clip_percent >= 0.05 ? 1 : 0), (r.clip_percent ?? 0) > 1 ? 'warn' : '', 'Samples at the end of the range: too much gain');
        const heard = r.ppm_error === undefined && r.ppm_heard !== undefined;
        f.crystal.set(ppm(r.ppm_error ?? r.ppm_heard), '', heard ? 'By the carriers of the transmitters' : r.ppm_error === undefined ? 'Not measured yet' : 'By the clock of this machine');
        f.lost.set(r.gaps ? `${num(r.lost_samples)} in ${num(r.gaps)} ${r.gaps === 1 ? 'gap' : 'gaps'}` : 'none', r.gaps ? 'warn' : '', 'Samples that were lost since the start');
    }

    private setControls(): void {
        if (this.mayControl === this.app.store.control) return; // nothing of it has changed
        this.mayControl = this.app.store.control;
        this.controls.replaceChildren(h('a', { class: 'button', href: href('spectrum', { receiver: this.receiver!.name }) }, icon('spectrum'), 'Spectrum'));
        if (!this.mayControl) return;
        const fixed = ['sim', 'file'].includes(this.receiver!.source); // these cannot be tuned
        if (!fixed) this.controls.append(h('button', { onclick: () => changeReceiver(this.app, this.receiver!) }, icon('gear'), 'Change'));
        this.controls.append(h('button', { onclick: () => addChannel(this.app, this.receiver!) }, icon('plus'), 'Add channel'));
    }
}
