// All targets: they begin with the daemon's state, and go on with the stream from the seq of that state. What
// the daemon forgets vanishes here too: its state is asked for again each minute, and after a restart at once.
import type { App } from '../app';
import { ApiError } from '../api';
import { Emitter } from '../emitter';
import { millis } from '../format';
import type { Words } from '../link';
import type { Message } from '../types';
import { bearing, distance, isPlace, type LatLon } from './geo';
import { derive, fromJson, isPassing, locates, whose, type Fields, type Kind, type Target, type TargetJson } from './target';

const ROUTES: { path: string; kind: Kind }[] = [
    { path: 'aircraft', kind: 'aircraft' },
    { path: 'ships', kind: 'ship' },
    { path: 'stations', kind: 'station' },
];
const WORDS: Words = { protocol: ['adsb', 'ais', 'aprs', 'ax25-9600'], kind: ['message'] };
const AGAIN_MS = 60_000;
const RECENT = 4, RECENT_SELECTED = 40; // messages that are kept of one target
const TRACK_POINTS = 300, TRACK_S = 45 * 60;
/** As the daemon forgets (daemon/picture/family.c). */
const FORGET_S: Record<Kind, number> = { aircraft: 300, ship: 1800, station: 3600, sonde: 3600 };

interface Answer {
    now: number;
    stream: string;
    seq: number; // the state is of everything up to it
    [list: string]: unknown;
}

export class Targets extends Emitter<{ loaded: void; removed: Target; message: { target: Target; message: Message } }> {
    all = new Map<string, Target>();
    /** The antennas, by receiver: to tell distances. */
    places = new Map<string, LatLon>();
    selected = '';
    loaded = false;
    /** Counts changes, so that others see whether there is something new. */
    version = 0;
    private skewS = 0; // the daemon's clock less ours
    private readonly upTo: Record<string, number> = {}; // by kind: seq of the state that we have
    private stream = ''; // that upTo is of
    private timer = 0;
    private ended = false;
    private loading = false;
    private readonly offs: (() => void)[] = [];
    private unwant: () => void = () => undefined;

    constructor(private readonly app: App) {
        super();
        const { link } = app;
        this.offs.push(
            link.on('message', m => this.take(m)),
            link.on('ended', () => {
                // another run of the daemon: nothing of before is true
                this.replace(new Map());
                void this.load();
            }),
            link.on('missed', () => void this.load()),
        );
        const visible = (): void => {
            if (!document.hidden) void this.load();
        };
        document.addEventListener('visibilitychange', visible);
        this.offs.push(() => document.removeEventListener('visibilitychange', visible));
        void this.load();
    }

    end(): void {
        this.ended = true;
        clearTimeout(this.timer);
        for (const off of this.offs) off();
        this.unwant();
    }

    /** UNIX seconds by the daemon's clock. */
    now(): number {
        return Date.now() / 1000 + this.skewS;
    }

    get(key: string): Target | undefined {
        return this.all.get(key);
    }

    /** Asks for the state of everything. */
    async load(): Promise<void> {
        if (this.loading || this.ended) return;
        this.loading = true;
        clearTimeout(this.timer);
        try {
            const found = await this.ask();
            if (this.ended) return;
            this.replace(found);
            if (!this.loaded) { // go on with what was published since
                this.loaded = true;
                this.unwant = this.app.link.want(WORDS, Math.min(...ROUTES.map(r => this.upTo[r.kind] ?? 0)) || undefined);
            }
            this.emit('loaded', undefined);
        } catch {
            // the shell says that the daemon does not answer
        } finally {
            this.loading = false;
            if (!this.ended) this.timer = window.setTimeout(() => void this.load(), this.loaded ? AGAIN_MS : 2000);
        }
    }

    private async ask(): Promise<Map<string, Target>> {
        const found = new Map<string, Target>();
        let stream = '';
        for (const { path, kind } of ROUTES) {
            const answer = await this.app.api.json<Answer>(path);
            if (stream && stream !== answer.stream) throw new ApiError(0, 'the daemon was started anew');
            stream = answer.stream;
            this.skewS = answer.now - Date.now() / 1000;
            const same = stream === this.app.link.stream;
            for (const j of (answer[path] as TargetJson[] | undefined) ?? []) {
                const t = fromJson(kind, j, this.now()), old = this.all.get(t.key);
                found.set(t.key, t);
                if (!old || !same) continue;
                t.slot = old.slot;
                t.recent = old.recent.filter(m => m.seq <= answer.seq);
                for (const m of old.recent.filter(x => x.seq > answer.seq).reverse()) this.apply(t, m);
            }
            if (same) // began after the answer was made
                for (const t of this.all.values())
                    if (t.kind === kind && !found.has(t.key) && (t.recent.at(-1)?.seq ?? 0) > answer.seq) found.set(t.key, t);
            this.upTo[kind] = answer.seq;
            this.stream = stream;
        }
        return found;
    }

    /** Drops who was silent for so long that the daemon has forgotten it too. */
    forget(): void {
        const now = this.now();
        for (const t of this.all.values()) {
            if (now - t.last < FORGET_S[t.kind]) continue;
            this.all.delete(t.key);
            this.version++;
            this.emit('removed', t);
        }
    }

    private replace(found: Map<string, Target>): void {
        const before = this.all;
        this.all = found;
        this.version++;
        for (const t of before.values()) if (!found.has(t.key)) this.emit('removed', t);
    }

    private take(m: Message): void {
        const who = whose(m);
        if (!who) return;
        const known = this.all.get(who.key);
        const old = this.stream === this.app.link.stream && m.seq <= (this.upTo[who.kind] ?? 0); // the state has it
        if (old) {
            if (known && !known.recent.some(r => r.seq >= m.seq)) this.keep(known, m);
            return;
        }
        this.version++;
        if (who.fields.alive === 0) { // an APRS object that was removed
            if (known && this.all.delete(who.key)) this.emit('removed', known);
            return;
        }
        let t = known;
        if (!t) {
            const at = millis(m.time) / 1000;
            t = fromJson(who.kind, { id: who.id, protocol: m.protocol, first: at, last: at, messages: 0, receiver: m.receiver, channel: m.channel, simulated: m.simulated === true, replayed: m.replayed === true }, this.now());
            this.all.set(t.key, t);
        }
        this.apply(t, m);
        if (t.key === this.selected) this.emit('message', { target: t, message: m });
    }

    private keep(t: Target, m: Message): void {
        t.recent.unshift(m);
        const most = t.key === this.selected ? RECENT_SELECTED : RECENT;
        if (t.recent.length > most) t.recent.length = most;
    }

    private apply(t: Target, m: Message): void {
        const fields = m[m.protocol] as Fields;
        t.last = this.now();
        t.messages++;
        t.receiver = m.receiver;
        t.channel = m.channel;
        if (m.snr_db !== undefined) t.snr = Math.max(t.snr ?? -99, m.snr_db);
        if (m.rssi_dbfs !== undefined) t.rssi = m.rssi_dbfs;
        for (const name in fields) if (!isPassing(name)) t.fields[name] = fields[name];
        if (isPlace(fields.lat, fields.lon) && locates(m.protocol, fields)) this.move(t, fields.lat as number, fields.lon as number, millis(m.time) / 1000);
        derive(t);
        this.keep(t, m);
    }

    /** at: when by the message. */
    private move(t: Target, lat: number, lon: number, at: number): void {
        t.lat = lat;
        t.lon = lon;
        t.positionTime = this.now();
        const last = t.track.at(-1);
        const alt = typeof t.fields.alt_baro === 'number' ? t.fields.alt_baro : null;
        if (!last || (at - last[0] >= 2 && (last[1] !== lat || last[2] !== lon))) {
            t.track.push([at, lat, lon, alt]);
            while (t.track.length > TRACK_POINTS || at - t.track[0]![0] > TRACK_S) t.track.shift();
        }
        const place = this.places.get(t.receiver);
        if (!place) return;
        t.distance = distance(place, { lat, lon });
        t.bearing = bearing(place, { lat, lon });
    }
}
