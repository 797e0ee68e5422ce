// What runs: what is wrong first, then how much comes, then receivers with their channels.
import './now.css';
import type { App, View } from '../app';
import { fill, h, text, type Child } from '../dom';
import { bytes, duration, num, percent, perMinute } from '../format';
import { Rows, Sparkline, chip, setChip } from '../parts';
import { look } from '../protocols';
import type { Listener, Output, Status, Trouble } from '../types';
import { ReceiverCard } from './now-receiver';

const SIGN: Record<Trouble['severity'], string> = { error: 'Does not work', warning: 'Works badly', note: 'Perhaps' };
const TONE: Record<Trouble['severity'], string> = { error: 'bad', warning: 'warn', note: '' };

/** A number with its name, and what belongs to it in small. */
class Tile {
    private readonly value = h('dd', { class: 'tile-value' });
    private readonly more = h('dd', { class: 'tile-more' });
    readonly el: HTMLElement;

    constructor(title: string, wide?: Element) {
        this.el = h('div', { class: wide ? 'tile wide' : 'tile' }, h('dt', null, title), this.value, this.more, wide ?? null);
    }

    set(value: string, more: string): void {
        text(this.value, value);
        text(this.more, more);
    }
}

class Overview {
    private readonly spark = new Sparkline();
    private readonly rate = new Tile('Messages a minute', this.spark.el);
    private readonly loop = new Tile('Event loop');
    private readonly workers = new Tile('Workers');
    private readonly clients = new Tile('Clients');
    private readonly memory = new Tile('Memory');
    private readonly history = new Tile('History');
    readonly el = h('dl', { class: 'tiles' },
        [this.rate, this.loop, this.workers, this.clients, this.memory, this.history].map(t => t.el));

    constructor(private readonly app: App) {}

    set(s: Status): void {
        this.rate.set(perMinute(this.app.store.rate()), `${num(s.messages)} since the start, ${duration(Math.floor(s.uptime_s))} ago`);
        this.spark.set(this.app.store.curve());
        this.loop.set(percent(s.loop.busy_percent), `longest turn ${num(s.loop.longest_ms, 1)} ms`);
        this.workers.set(percent(s.jobs.busy_percent), `${s.jobs.workers} threads, jobs wait ${num(s.jobs.wait_mean_ms, 1)} ms`);
        this.clients.set(num(s.clients), this.slow(s));
        this.memory.set(bytes(s.memory_bytes), 'of the process');
        this.history.set(num(s.bus.frames), `messages kept, ${bytes(s.bus.bytes)} of ${bytes(s.bus.max_bytes)}`);
    }

    private slow(s: Status): string {
        const missed = s.listeners.reduce((sum, l) => sum + Number(l['missed'] ?? 0), 0);
        return missed ? `slow ones missed ${num(missed)}` : 'none missed anything';
    }
}

function troubleCard(): { el: HTMLElement; set(t: Trouble): void } {
    const sign = chip(''), who = h('strong'), what = h('p', { class: 'trouble-what' }), remedy = h('p', { class: 'muted' });
    const el = h('li', { class: 'trouble' }, h('div', { class: 'trouble-head' }, sign, who), what, remedy);
    return {
        el,
        set(t) {
            el.dataset.severity = t.severity;
            setChip(sign, SIGN[t.severity], TONE[t.severity]);
            text(who, t.name ? `${t.about} ${t.name}` : 'hertzd');
            text(what, t.what);
            text(remedy, t.remedy);
        },
    };
}

/** While nothing has come yet: what it listens for, and why there may be nothing. '' if something came. */
function silence(s: Status): Child[] {
    if (s.messages > 0 || s.channels.length === 0) return [];
    const streaming = s.receivers.filter(r => r.state === 'streaming');
    const kinds = [...new Set(s.channels.filter(c => streaming.some(r => r.name === c.receiver)).map(c => look(c.decoder).many))];
    if (streaming.length === 0)
        return [h('p', null, 'Nothing can be received: no receiver delivers samples. ', s.receivers.map(r => `${r.name} is ${r.state}${r.reason ? ` (${r.reason})` : ''}. `))];
    return [
        h('p', null, h('strong', null, 'Nothing received yet. '), `hertzd listens for ${kinds.join(', ')}.`),
        h('ul', null,
            h('li', null, 'Aircraft and ships within sight of the antenna send every few seconds; pagers, packet radio and speech may be silent for minutes.'),
            h('li', null, 'A level near the noise of the receiver means that no antenna is connected, or that the gain is too low.'),
            h('li', null, 'Clipping over 1 % means too much gain.'))];
}

function outlets(s: Status): { name: string; type: string; where: string; state: string; tone: string; more: string }[] {
    const listeners = s.listeners.map((l: Listener) => ({
        name: l.name, type: l.type, where: l.address, state: l.state, tone: l.state === 'listening' ? '' : 'bad',
        more: `${num(l.clients)} ${l.clients === 1 ? 'client' : 'clients'}, ${bytes(Number(l['sent_bytes'] ?? 0))} sent`,
    }));
    const outputs = s.outputs.map((o: Output) => ({
        name: o.name, type: o.type, where: o.target, state: o.state, tone: o.error ? 'bad' : '',
        more: `${num(o.written ?? o.sent ?? 0)} ${o.written === undefined ? 'sent' : 'written'}${o.lost ? `, ${num(o.lost)} lost` : ''}${o.missed ? `, ${num(o.missed)} missed` : ''}`,
    }));
    return [...listeners, ...outputs];
}

function outletRow(): { el: HTMLElement; cells: HTMLElement[]; state: HTMLElement } {
    const cells = [h('th', { scope: 'row' }), h('td'), h('td', { class: 'mono' }), h('td', { class: 'muted' })];
    const state = chip('');
    return { el: h('tr', null, cells[0]!, cells[1]!, h('td', null, state), cells[2]!, cells[3]!), cells, state };
}

const view: View = {
    title: 'Now',
    mount(el, app) {
        const headline = h('p', { class: 'now-headline' }, 'Asking hertzd …');
        const troubles = h('ul', { class: 'troubles', 'aria-label': 'What is wrong' });
        const quiet = h('section', { class: 'panel quiet', hidden: true });
        const overview = new Overview(app);
        const receivers = h('div', { class: 'receivers' });
        const outletBody = h('tbody');
        const outletPanel = h('section', { class: 'panel outlets' }, h('h2', null, 'Listeners and outputs'),
            h('div', { class: 'scroll' }, h('table', null,
                h('thead', { class: 'unseen' }, h('tr', null, ['Name', 'Type', 'State', 'Where', 'Counts'].map(t => h('th', { scope: 'col' }, t)))), outletBody)));
        const lower = h('div', { class: 'now-lower', hidden: true }, overview.el, receivers, outletPanel);
        el.append(h('div', { class: 'now' }, headline, troubles, quiet, lower));

        const troubleRows = new Rows<Trouble, ReturnType<typeof troubleCard>>(troubles, t => `${t.about} ${t.name} ${t.severity} ${t.remedy}`,
            troubleCard, (row, t) => row.set(t));
        const cards = new Rows<Status['receivers'][number], ReceiverCard>(receivers, r => r.name, r => new ReceiverCard(app, r.name),
            (card, r) => card.set(r, app.store.status!.channels.filter(c => c.receiver === r.name)));
        const outletRows = new Rows<ReturnType<typeof outlets>[number], ReturnType<typeof outletRow>>(outletBody, o => `${o.type} ${o.name}`, outletRow,
            (row, o) => {
                [o.name, o.type, o.where, o.more].forEach((words, i) => text(row.cells[i]!, words));
                setChip(row.state, o.state, o.tone);
            });
        let quietText = '';

        const show = (s: Status): void => {
            text(headline, s.headline);
            troubleRows.set(s.troubles ?? []);
            const words = silence(s), key = words.length ? h('div', null, words).textContent ?? '' : '';
            if (key !== quietText) fill(quiet, words);
            quietText = key;
            quiet.hidden = !words.length;
            overview.set(s);
            cards.set(s.receivers);
            outletRows.set(outlets(s));
            lower.hidden = false;
        };
        const complain = (trouble: string): void => {
            if (trouble) text(headline, app.store.status ? `${trouble}. What follows is from before.` : `${trouble}.`);
            el.classList.toggle('stale', trouble !== '');
        };
        if (app.store.status) show(app.store.status);
        complain(app.store.trouble);
        const ends = [
            app.store.on('status', show),
            app.store.on('trouble', complain),
            app.store.on('who', () => app.store.status && show(app.store.status)),
            app.link.on('line', line => {
                if (line.kind === 'state') app.store.refresh();
            }),
            app.store.watch(1000),
        ];
        return () => ends.forEach(end => end());
    },
};
export default view;
