// The live table of all protocols. What it shows is in the address, so that it can be linked.
import './messages.css';
import type { View } from '../app';
import { dialog } from '../dialogs';
import { attr, h, icon, text } from '../dom';
import { clock, num } from '../format';
import { streamPanel } from '../getstream';
import { look } from '../protocols';
import { everything, narrows, type Filter, type Row } from './messages-log';
import { MessageTable } from './messages-table';
import { detail } from './messages-detail';

const TEXTS = ['pocsag', 'flex', 'acars', 'vdl2']; // made to be read: their rows have room

function snrOf(words: string): number | null {
    const snr = parseFloat(words);
    return Number.isFinite(snr) ? snr : null;
}

function filterOf(params: URLSearchParams): Filter {
    return {
        protocol: (params.get('protocol') ?? '').split(',').filter(Boolean).sort(),
        channel: params.get('channel') ?? '',
        id: params.get('id') ?? '',
        snr: snrOf(params.get('snr') ?? ''),
        text: params.get('q') ?? '',
    };
}

const paramsOf = (f: Filter, open?: string): Record<string, string | undefined> => ({
    protocol: f.protocol.join(','), channel: f.channel, id: f.id, snr: f.snr === null ? '' : String(f.snr), q: f.text, open,
});

/** The line of inputs above the table. */
class FilterBar {
    private readonly search = h('input', { type: 'search', placeholder: 'Text', 'aria-label': 'Text in the message', class: 'f-text', id: 'f-text', spellcheck: 'false' });
    private readonly id = h('input', { type: 'text', placeholder: 'Id', 'aria-label': 'Address, MMSI, callsign or pager, several with commas', class: 'f-id', spellcheck: 'false', autocapitalize: 'off' });
    private readonly snr = h('input', { type: 'number', placeholder: 'SNR', 'aria-label': 'Least SNR in dB', class: 'f-snr', step: '1' });
    private readonly channel = h('select', { 'aria-label': 'Channel', class: 'f-channel' }, h('option', { value: '' }, 'Channel'));
    private readonly protocols = h('div', { class: 'f-protocols', role: 'group', 'aria-label': 'Protocols' });
    readonly pause = h('button', { class: 'f-pause', 'aria-pressed': 'false', title: 'Pause (p)' }, icon('pause'), h('span', null, 'Pause'));
    readonly stream = h('button', { title: 'This stream for programs' }, icon('copy'), h('span', null, 'Stream'));
    readonly reset = h('button', { class: 'plain', title: 'No filter' }, icon('close'), h('span', null, 'No filter'));
    readonly count = h('p', { class: 'f-count muted' });
    readonly el = h('div', { class: 'filters' }, this.protocols, h('div', { class: 'f-inputs' }, this.channel, this.id, this.snr, this.search, this.reset),
        h('div', { class: 'f-tools' }, this.count, this.stream, this.pause));
    private known = '';

    constructor(private filter: Filter, private readonly change: (f: Filter) => void) {
        let timer = 0;
        const soon = (): void => {
            clearTimeout(timer);
            timer = window.setTimeout(() => change(this.read()), 250);
        };
        for (const input of [this.search, this.id, this.snr]) input.addEventListener('input', soon);
        this.channel.addEventListener('change', () => change(this.read()));
        this.reset.addEventListener('click', () => change(everything()));
    }

    focusText(): void {
        this.search.focus();
        this.search.select();
    }

    private read(): Filter {
        return { ...this.filter, text: this.search.value, id: this.id.value.trim(), snr: snrOf(this.snr.value), channel: this.channel.value };
    }

    /** Shows a filter. What a person is typing is left alone. */
    set(f: Filter): void {
        this.filter = f;
        const put = (input: HTMLInputElement, value: string): void => {
            if (document.activeElement !== input || input.value.trim() === '') input.value = value;
        };
        put(this.search, f.text);
        put(this.id, f.id);
        put(this.snr, f.snr === null ? '' : String(f.snr));
        if (f.channel && ![...this.channel.options].some(o => o.value === f.channel)) this.channel.append(h('option', { value: f.channel }, f.channel));
        this.channel.value = f.channel;
        for (const button of this.protocols.querySelectorAll('button')) attr(button, 'aria-pressed', String(f.protocol.includes(button.value)));
        this.reset.hidden = !narrows(f);
    }

    /** The protocols and channels that there are. */
    offer(protocols: string[], channels: string[]): void {
        const known = [...protocols, ...channels].join(' ');
        if (known === this.known) return;
        this.known = known;
        this.protocols.replaceChildren(...protocols.map(p => h('button', { class: `toggle p-${look(p).colour}`, value: p, 'aria-pressed': 'false', onclick: () => {
            const on = this.filter.protocol.includes(p);
            this.change({ ...this.filter, protocol: on ? this.filter.protocol.filter(q => q !== p) : [...this.filter.protocol, p].sort() });
        } }, look(p).label)));
        this.channel.replaceChildren(h('option', { value: '' }, 'Channel'), ...channels.map(c => h('option', { value: c }, c)));
        this.set(this.filter);
    }
}

const view: View = {
    title: 'Messages',
    mount(el, app) {
        const log = app.messages;
        log.forget();
        let opened: Row | null = null;

        const go = (f: Filter, open?: string, replace = true): void => app.router.go('messages', paramsOf(f, open), replace);
        const bar = new FilterBar(filterOf(app.router.route.params), f => go(f));
        const open = (row: Row | null): void => go(log.filter, row?.key, opened !== null || row === null);
        const table = new MessageTable({
            rows: () => log.shown,
            cells(row) {
                const m = row.message!, s = log.sum(row);
                return {
                    time: clock(m.time, app.settings.values.time, 1), protocol: m.protocol, channel: m.channel, id: s.id,
                    name: s.name || log.name(m.protocol, s.id), text: s.text, snr: m.snr_db === undefined ? '' : num(m.snr_db, 1),
                };
            },
            open,
            isOpen: row => row === opened,
        });
        const empty = h('div', { class: 'empty' });
        const side = h('div', { class: 'side', hidden: true });
        el.append(h('div', { class: 'messages' }, bar.el, h('div', { class: 'messages-body' }, h('div', { class: 'messages-main' }, table.el, empty), side)));

        const showOpened = (row: Row | null): void => {
            if (row === opened) return;
            opened = row;
            side.hidden = !row;
            side.replaceChildren();
            if (row?.message) {
                const s = log.sum(row);
                side.append(detail(app, row.message, log.name(row.message.protocol, s.id), close));
            }
            table.select(row);
        };
        const close = (): void => {
            open(null);
            table.focus();
        };
        const why = (): string => {
            if (app.link.state !== 'open') return 'No connection to hertzd. It is tried again by itself.';
            if (log.kept) return `None of ${num(log.kept)} messages has this text.`;
            return narrows(log.filter) ? 'No message passes this filter yet. New ones appear here.' : 'No message yet. Now tells what is received, and what may be wrong.';
        };
        let timer = 0;
        const show = (): void => {
            table.changed();
            timer ||= window.setTimeout(count, 120);
        };
        const count = (): void => {
            timer = 0;
            const words = log.paused ? `paused, ${num(log.waiting)} waiting${log.overflow ? `, ${num(log.overflow)} not kept` : ''}` : log.shown.length === log.kept ? `${num(log.kept)} kept` : `${num(log.shown.length)} of ${num(log.kept)}`;
            text(bar.count, words);
            empty.hidden = log.shown.length > 0;
            if (!empty.hidden) text(empty, why());
        };
        const pause = (): void => {
            log.pause(!log.paused);
            attr(bar.pause, 'aria-pressed', String(log.paused));
            text(bar.pause.querySelector('span')!, log.paused ? 'Go on' : 'Pause');
            app.announce(log.paused ? 'Paused. Messages wait.' : 'Goes on.');
            show();
        };
        bar.pause.addEventListener('click', pause);
        bar.stream.addEventListener('click', () => dialog('This stream for programs', h('p', { class: 'muted' }, log.filter.text ? 'The text of the filter is not a word of hertzd: these lines give all that pass the rest.' : 'These lines give what the table shows.'), streamPanel(app, log.words())));

        const follow = (): void => {
            const params = app.router.route.params;
            const f = filterOf(params);
            bar.set(f);
            log.set(f);
            el.firstElementChild!.classList.toggle('roomy', f.protocol.length > 0 && f.protocol.every(p => TEXTS.includes(p)));
            const key = params.get('open');
            showOpened((key && log.find(key)) || null);
            show();
        };
        const offer = (): void => {
            const channels = app.store.status?.channels ?? [];
            bar.offer([...new Set(channels.map(c => c.decoder))], channels.map(c => c.name));
        };
        if (log.paused) log.pause(false);
        offer();
        follow();
        const ends = [
            log.on('change', show),
            log.attach(),
            app.router.on('params', follow),
            app.store.on('status', offer),
            app.link.on('state', show),
            app.keys.add('Messages', [
                { key: '/', what: 'Search the text', run: () => bar.focusText() },
                { key: 'p', what: 'Pause, and go on', run: pause },
                { key: 'j', what: 'The next message below (also ↓ in the table)', run: () => step(1) },
                { key: 'k', what: 'The message above (also ↑)', run: () => step(-1) },
                { key: 'Enter', what: 'Open the message', run: () => table.focus() },
                { key: 'Escape', what: 'Close the message', run: () => opened && close() },
            ]),
        ];
        const step = (by: number): void => {
            const row = table.step(by);
            if (row && opened) open(row);
        };
        return () => {
            ends.forEach(end => end());
            clearTimeout(timer);
            table.end();
        };
    },
};
export default view;
