// The panel beside the picture: a channel with what it heard last, or an empty place where one can be added.
import { keep } from '../api';
import type { App } from '../app';
import { fill, h, icon, text } from '../dom';
import { bandwidth, clock, dbfs, frequency, num, type Units } from '../format';
import { isVoice } from '../protocols';
import { href } from '../router';
import { summary } from '../summary';
import type { Message } from '../types';
import type { Channel } from './plot';

const KEPT = 40; // messages of a channel
const SHOWN = 8;

/** Who sent it, and what. */
export function inWords(m: Message, units: Units): string {
    const { id, name, text: says } = summary(m, units);
    return [name || id, says].filter(Boolean).join(' · ');
}

export interface CardEvents {
    closed(): void;
    zoom(channel: Channel): void;
}

export class Card {
    readonly el = h('aside', { class: 'card', hidden: true, 'aria-label': 'Channel' });
    private readonly heard = new Map<string, Message[]>();
    private name = '';
    private values: Record<string, HTMLElement> = {};
    private readonly list = h('ol', { class: 'card-heard' });
    private pinned: Message | undefined;
    private readonly listen = h('button');
    private timer = 0;

    constructor(private readonly app: App, private readonly events: CardEvents) {}

    clear(): void {
        this.heard.clear();
        this.close();
    }

    close(): void {
        this.name = '';
        this.el.hidden = true;
        this.events.closed();
    }

    message(m: Message): void {
        const list = this.heard.get(m.channel) ?? [];
        this.heard.set(m.channel, list);
        list.push(m);
        if (list.length > KEPT) list.shift();
        if (m.channel === this.name) this.timer ||= window.setTimeout(() => this.fillList(), 300);
    }

    /** Shows a channel; pinned: the message that was chosen in the picture. */
    open(c: Channel, pinned?: Message): void {
        this.name = c.name;
        this.pinned = pinned;
        this.el.hidden = false;
        const value = (key: string, name: string): HTMLElement[] => [h('dt', null, name), this.values[key] = h('dd')];
        const speech = isVoice(c.decoder);
        this.listen.onclick = () => {
            this.app.sound.toggle(c.name);
            this.showListen();
        };
        this.showListen();
        fill(this.el, this.head(c.name),
            h('dl', { class: 'card-facts' }, value('decoder', 'Decoder'), value('freq', 'Frequency'), value('width', 'Width'),
                value('state', 'State'), c.squelch ? [value('level', 'Level'), value('noise', 'Noise'), value('opens', 'Opens at')] : [],
                value('messages', 'Messages')),
            h('div', { class: 'card-row' },
                h('a', { class: 'card-link', href: href('messages', { channel: c.name }) }, 'Messages'),
                speech && this.listen,
                h('button', { onclick: () => this.events.zoom(c) }, 'Zoom to it'),
                this.app.store.control && h('button', { class: 'danger', onclick: () => void this.remove(c.name) }, 'Remove')),
            h('h3', null, 'Message last'), this.list);
        this.update(c);
        this.fillList();
    }

    /** New values of the channel that is shown. */
    update(c: Channel): void {
        if (c.name !== this.name) return;
        const set = (key: string, words: string): void => {
            const el = this.values[key];
            if (el) text(el, words);
        };
        set('decoder', c.decoder);
        set('freq', frequency(c.freq));
        set('width', bandwidth(c.width));
        set('state', c.squelch ? (c.state === 'decoding' ? 'open' : c.state === 'squelched' ? 'closed' : c.state)
            : c.state === 'decoding' ? 'always open' : c.state);
        set('level', dbfs(c.level));
        set('noise', dbfs(c.noise));
        set('opens', c.noise === undefined ? `${c.squelch} dB over the noise` : dbfs(c.noise + (c.squelch ?? 0)));
        set('messages', num(c.messages));
    }

    /** Shows an empty place, for those who may change something. */
    openPlace(hz: number, receiver: string, decoders: Promise<string[]>): void {
        this.name = '';
        this.el.hidden = false;
        const name = h('input', { required: true, maxlength: 31, value: `at-${(hz / 1e6).toFixed(3)}`, 'aria-label': 'Name' });
        const decoder = h('select', { 'aria-label': 'Decoder' });
        void decoders.then(list => fill(decoder, list.map(d => h('option', { value: d, selected: d === 'nfm' }, d))));
        const form = h('form', { class: 'card-add' },
            h('label', null, 'Decoder', decoder), h('label', null, 'Name', name), h('button', { class: 'primary' }, icon('plus'), 'Add a channel'));
        form.addEventListener('submit', e => {
            e.preventDefault();
            void this.change('add_channel', { receiver, name: name.value, decoder: decoder.value, frequency: Math.round(hz) },
                `${name.value} was added until hertzd ends, unless it is kept: ${keep}`);
        });
        fill(this.el, this.head(frequency(Math.round(hz))), form,
            h('button', { onclick: () => void this.change('tune', { receiver, value: Math.round(hz) }, 'Tuning') }, 'Make it the centre'));
    }

    private showListen(): void {
        const playing = this.app.sound.voice(this.name) !== undefined;
        fill(this.listen, icon(playing ? 'pause' : 'sound'), playing ? 'Stop' : 'Listen');
    }

    private head(title: string): HTMLElement {
        return h('header', null, h('h2', null, title),
            h('button', { class: 'plain', 'aria-label': 'Close', onclick: () => this.close() }, icon('close')));
    }

    private async remove(channel: string): Promise<void> {
        if (confirm(`Remove the channel ${channel}? A channel of the configuration exists again after the next start, unless the change is kept: ${keep}`))
            await this.change('remove_channel', { channel }, `${channel} was removed`);
    }

    private async change(method: string, params: object, done: string): Promise<void> {
        try {
            await this.app.api.rpc(method, params);
            this.app.toast(done);
            this.close();
            this.app.store.refresh();
        } catch (e) {
            this.app.toast((e as Error).message, true);
        }
    }

    private fillList(): void {
        this.timer = 0;
        const { time: mode, units } = this.app.settings.values;
        const list = (this.heard.get(this.name) ?? []).filter(m => m !== this.pinned).slice(-SHOWN).reverse();
        if (this.pinned) list.unshift(this.pinned);
        fill(this.list, list.length ? list.map(m => h('li', { class: m === this.pinned && 'pinned' },
            h('a', { href: href('messages', { channel: m.channel, open: `${this.app.link.stream}-${m.seq}` }) }, clock(m.time, mode)),
            h('span', null, inWords(m, units))))
            : h('li', { class: 'muted' }, 'Nothing since this page was opened.'));
    }
}
