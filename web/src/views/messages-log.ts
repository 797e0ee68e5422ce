// The messages of the table: kept, filtered, and held back while it is paused. It outlives the view, so that
// coming back shows what came meanwhile.
import type { App } from '../app';
import { Emitter } from '../emitter';
import { summary, type Summary } from '../summary';
import type { Words } from '../link';
import type { Message } from '../types';

const KEEP = 5000; // rows
const SPARE = 500; // and so many more before the oldest are dropped
const HELD = 20_000; // messages that wait while it is paused
const BACKLOG = 2000; // frames of the past that it begins with
const NAMES = 10_000;

export interface Filter {
    protocol: string[];
    channel: string;
    id: string;
    snr: number | null;
    text: string;
}

export const everything = (): Filter => ({ protocol: [], channel: '', id: '', snr: null, text: '' });

/** Whether it leaves anything out. */
export const narrows = (f: Filter): boolean => f.protocol.length > 0 || f.channel !== '' || f.id !== '' || f.snr !== null || f.text !== '';

/** A message, or a remark between messages: what was missed. */
export interface Row {
    key: string;
    message: Message | null;
    note: string;
    sum: Summary | null; // made when it is shown
    search: string | null; // made when it is searched
}

export class MessageLog extends Emitter<{ change: number }> {
    /** What passes the text of the filter, the oldest first. */
    shown: Row[] = [];
    private all: Row[] = [];
    private held: Row[] = [];
    filter = everything();
    paused = false;
    /** Messages that were not kept because too many waited. */
    overflow = 0;
    private stream = '';
    private last = 0;
    private began = false;
    private catching = false; // what is missed of the past is no hole
    private readonly names = new Map<string, string>();

    constructor(private readonly app: Pick<App, 'link' | 'store' | 'settings'>) {
        super();
    }

    get waiting(): number {
        return this.held.length;
    }

    get kept(): number {
        return this.all.length;
    }

    /** The words of the filter that the daemon knows. */
    words(): Words {
        const f = this.filter;
        return {
            kind: ['message'],
            ...(f.protocol.length ? { protocol: f.protocol } : {}),
            ...(f.channel ? { channel: f.channel.split(',') } : {}),
            ...(f.id ? { id: f.id.split(/[\s,]+/).filter(Boolean) } : {}),
            ...(f.snr !== null ? { min_snr: f.snr } : {}),
        };
    }

    /** The view is there: goes on where it was. The result ends that. */
    attach(): () => void {
        const { link, store } = this.app;
        let release = (): void => undefined;
        const begin = (): void => {
            if (!link.hello || (!store.status && !store.trouble)) return;
            waits.forEach(end => end());
            const ask = (): void => {
                release = link.want(this.words(), this.since());
                this.began = true;
            };
            this.refilter = () => {
                this.clear();
                ask();
            };
            ask();
        };
        const waits = [link.on('hello', begin), store.on('status', begin), store.on('trouble', begin)];
        const ends = [
            link.on('message', m => this.take(m)),
            link.on('missed', n => this.missed(n)),
            link.on('ended', () => this.ended()),
        ];
        begin();
        return () => {
            [...waits, ...ends].forEach(end => end());
            this.refilter = () => this.clear();
            release();
        };
    }

    private refilter: () => void = () => this.clear();

    /** Another filter. Only another text is done here; else the daemon is asked anew. */
    set(filter: Filter): void {
        const before = JSON.stringify({ ...this.filter, text: '' });
        this.filter = filter;
        if (JSON.stringify({ ...filter, text: '' }) !== before) {
            this.refilter();
            return;
        }
        this.shown = this.all.filter(row => this.passes(row));
        this.emit('change', this.shown.length);
    }

    pause(on: boolean): void {
        this.paused = on;
        if (!on) {
            const held = this.held;
            this.held = [];
            if (this.overflow) held.unshift(this.remark(`${this.overflow} messages were not kept: too many came while it was paused`));
            this.overflow = 0;
            this.add(held);
        }
        this.emit('change', 0);
    }

    clear(): void {
        this.all = [];
        this.shown = [];
        this.held = [];
        this.overflow = 0;
        this.began = false;
        this.emit('change', 0);
    }

    /** The name that goes with an id, once a message told it. */
    name(protocol: string, id: string): string {
        return this.names.get(`${protocol} ${id}`) ?? '';
    }

    sum(row: Row): Summary {
        row.sum ??= summary(row.message!, this.app.settings.values.units);
        return row.sum;
    }

    /** Units changed: texts are made anew. */
    forget(): void {
        for (const row of [...this.all, ...this.held]) row.sum = row.search = null;
    }

    find(key: string): Row | undefined {
        return this.all.find(row => row.key === key);
    }

    private since(): number {
        const { link, store } = this.app;
        if (this.began && this.stream === link.stream) return this.last;
        const next = Math.max(link.hello!.seq, link.seq + 1, store.status?.bus.stream === link.stream ? store.status.bus.next_seq : 0);
        const protocols = (store.status?.bus.protocols ?? []).filter(p => this.filter.protocol.includes(p.protocol));
        const few = protocols.length > 0 && protocols.reduce((sum, p) => sum + p.frames, 0) <= BACKLOG;
        if (this.stream && this.stream !== link.stream && this.began) this.note('hertzd was started anew');
        this.stream = link.stream;
        this.catching = true;
        this.last = few || this.filter.id || this.filter.channel ? 0 : Math.max(0, next - 1 - BACKLOG);
        return this.last;
    }

    private take(m: Message): void {
        if (!this.began) return;
        this.catching = false;
        this.last = m.seq;
        this.push({ key: `${this.stream}-${m.seq}`, message: m, note: '', sum: null, search: null });
        const s = m.protocol === 'adsb' || m.protocol === 'ais' ? summary(m, 'metric') : null;
        if (s?.name && s.id) {
            if (this.names.size > NAMES) this.names.clear();
            this.names.set(`${m.protocol} ${s.id}`, s.name);
        }
    }

    private missed(n: number): void {
        if (this.catching || !this.began) return;
        this.note(`${n} ${n === 1 ? 'message was' : 'messages were'} missed: hertzd kept them no longer`);
    }

    private ended(): void {
        if (!this.began) return;
        this.stream = this.app.link.stream;
        this.last = 0;
        this.note('hertzd was started anew');
    }

    private notes = 0;

    private remark(note: string): Row {
        return { key: `note-${++this.notes}`, message: null, note, sum: null, search: null };
    }

    private note(words: string): void {
        this.push(this.remark(words));
    }

    private push(row: Row): void {
        if (!this.paused) {
            this.add([row]);
            return;
        }
        if (this.held.length >= HELD) {
            this.held.splice(0, SPARE);
            this.overflow += SPARE;
        }
        this.held.push(row);
        this.emit('change', 0);
    }

    private add(rows: Row[]): void {
        let added = 0;
        for (const row of rows) {
            this.all.push(row);
            if (!this.passes(row)) continue;
            this.shown.push(row);
            added++;
        }
        if (this.all.length > KEEP + SPARE) {
            const gone = new Set(this.all.splice(0, this.all.length - KEEP));
            let n = 0;
            while (n < this.shown.length && gone.has(this.shown[n]!)) n++;
            this.shown.splice(0, n);
        }
        this.emit('change', added);
    }

    private passes(row: Row): boolean {
        const text = this.filter.text.trim().toLowerCase();
        if (!text || !row.message) return true;
        if (row.search === null) {
            const s = this.sum(row);
            row.search = `${s.id} ${this.name(row.message.protocol, s.id)} ${s.name} ${s.text} ${JSON.stringify(row.message)}`.toLowerCase();
        }
        return text.split(/\s+/).every(word => row.search!.includes(word));
    }
}
