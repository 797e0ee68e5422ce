// A server that speaks as hertzd does, with as many moving targets as one likes: what no simulated band can
// give. It serves web/dist, the state, and the stream.
import { createServer } from 'node:http';
import { require } from './browser.mjs';
import { pageFile } from './dist.mjs';

const { WebSocketServer } = require('ws');
export const HOME = { lat: 53.76, lon: 8.67 };
const PROTOCOLS = { aircraft: 'adsb', ship: 'ais', station: 'aprs' };
const RAD = Math.PI / 180;

// the same sky each time
function random(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

const bearing = (lat, lon) => (Math.atan2((lon - HOME.lon) * Math.cos(lat * RAD), lat - HOME.lat) / RAD + 360) % 360;
const metres = (lat, lon) => Math.hypot((lon - HOME.lon) * Math.cos(lat * RAD), lat - HOME.lat) * 111195;

export class Sky {
    /** aircraft, ships, stations: how many. perSecond: messages of the stream. */
    constructor({ aircraft = 20, ships = 10, stations = 5, perSecond = 50, trackPoints = 60 } = {}) {
        const r = random(7);
        this.perSecond = perSecond;
        this.stream = '00000000000000a1';
        this.seq = 0;
        this.next = 0;
        this.sockets = new Set();
        const now = Date.now() / 1000;
        this.targets = [];
        const add = (kind, i) => {
            const far = 3.2 * Math.sqrt(r()), way = r() * 360;
            const t = { kind, i, lat: HOME.lat + far * Math.cos(way * RAD) * 0.7, lon: HOME.lon + far * Math.sin(way * RAD) * 1.6, course: Math.floor(r() * 360), first: now - 600 * r(), last: now - 5 * r(), messages: 1 + Math.floor(r() * 500), track: [] };
            if (kind === 'aircraft') Object.assign(t, { id: (0x400000 + i * 37).toString(16), kt: 120 + r() * 360, alt: Math.round(r() * 1600) * 25, category: r() < 0.1 ? 'A5' : r() < 0.15 ? 'A7' : r() < 0.3 ? 'A1' : 'A3', name: `SKY${100 + i}` });
            else if (kind === 'ship') Object.assign(t, { id: 211000000 + i, kt: r() < 0.2 ? 0 : 4 + r() * 16, type: [70, 80, 60, 30, 52, 36][i % 6], name: `SHIP ${i}` });
            else Object.assign(t, { id: `DL${i}HZ-9`, kt: r() * 60, code: '>_-#['[i % 5], name: '' });
            for (let k = trackPoints; k > 0; k--) {
                const back = (t.kt * 0.5144 * k * 10) / 111195;
                t.track.push([now - k * 10, t.lat - back * Math.cos(t.course * RAD), t.lon - (back * Math.sin(t.course * RAD)) / Math.cos(t.lat * RAD), kind === 'aircraft' ? t.alt : null]);
            }
            this.targets.push(t);
        };
        for (let i = 0; i < aircraft; i++) add('aircraft', i);
        for (let i = 0; i < ships; i++) add('ship', i);
        for (let i = 0; i < stations; i++) add('station', i);
        this.began = performance.now();
        this.timer = setInterval(() => this.step(), 50);
    }

    fields(t) {
        const { lat, lon } = t;
        if (t.kind === 'aircraft') return { hex: t.id, flight: t.name, category: t.category, alt_baro: t.alt, gs: Math.round(t.kt), track: t.course, lat, lon };
        if (t.kind === 'ship') return { type: 1, mmsi: t.id, shipname: t.name, shiptype: t.type, speed: Number(t.kt.toFixed(1)), course: t.course, heading: t.course, lat, lon };
        return { srccallsign: t.id, symboltable: '/', symbolcode: t.code, speed: t.kt * 1.852, course: t.course, lat, lon };
    }

    json(t) {
        const { lat, lon } = t;
        return {
            id: String(t.id), name: t.name, protocol: PROTOCOLS[t.kind], first: t.first, last: t.last, age_s: Date.now() / 1000 - t.last, messages: t.messages, snr_db: 21, rssi_dbfs: -20, receiver: 'sky', channel: t.kind,
            lat, lon, position_time: t.last, position_age_s: Date.now() / 1000 - t.last, distance_m: metres(lat, lon), bearing_deg: bearing(lat, lon), track: t.track, fields: this.fields(t), simulated: true,
        };
    }

    list(kind, name) {
        return { now: Date.now() / 1000, stream: this.stream, seq: this.seq, [name]: this.targets.filter(t => t.kind === kind).map(t => this.json(t)) };
    }

    coverage() {
        const channels = ['aircraft', 'ship', 'station'].map(kind => {
            const sectors = Array.from({ length: 36 }, (_, i) => ({ bearing: i * 10, max_m: 0 }));
            for (const t of this.targets.filter(x => x.kind === kind)) {
                const s = sectors[Math.floor(bearing(t.lat, t.lon) / 10) % 36];
                s.max_m = Math.max(s.max_m, metres(t.lat, t.lon));
            }
            return { receiver: 'sky', channel: kind, protocol: PROTOCOLS[kind], ...HOME, messages: 1, max_m: Math.max(...sectors.map(s => s.max_m)), sectors };
        });
        return { channels };
    }

    step() {
        const due = Math.floor(((performance.now() - this.began) / 1000) * this.perSecond) - this.next;
        for (let k = 0; k < due && this.targets.length; k++) this.report(this.targets[this.next++ % this.targets.length]);
    }

    /** One message of a target, where it is by now. */
    report(t) {
        const now = Date.now() / 1000, flown = (t.kt * 0.5144 * (now - t.last)) / 111195;
        t.lat += flown * Math.cos(t.course * RAD);
        t.lon += (flown * Math.sin(t.course * RAD)) / Math.cos(t.lat * RAD);
        t.last = now;
        t.messages++;
        const protocol = PROTOCOLS[t.kind];
        this.send({ seq: ++this.seq, kind: 'message', time: new Date().toISOString(), receiver: 'sky', channel: t.kind, protocol, freq_hz: 1090e6, simulated: true, rssi_dbfs: -20, snr_db: 18, sample: 1, [protocol]: this.fields(t) });
    }

    send(line) {
        const text = JSON.stringify(line);
        for (const s of this.sockets) if (s.readyState === 1) s.send(text);
    }

    status() {
        return {
            version: '0', headline: 'everything is well', uptime_s: 100, memory_bytes: 1, messages: this.seq, clients: 1, loop: { longest_ms: 0, over_10ms: 0, busy_percent: 0 },
            jobs: { workers: 1, in_flight: 0, ready: 0, ready_max: 0, wait_mean_ms: 0, wait_max_ms: 0, busy_percent: 0, cpu_s: 0 },
            bus: { stream: this.stream, first_seq: 1, next_seq: this.seq + 1, frames: 0, max_frames: 1, bytes: 0, max_bytes: 1, protocols: [] }, listeners: [], outputs: [], receivers: [], channels: [],
        };
    }

    async start() {
        const state = {
            aircraft: () => this.list('aircraft', 'aircraft'), ships: () => this.list('ship', 'ships'), stations: () => this.list('station', 'stations'), coverage: () => this.coverage(),
            status: () => this.status(), whoami: () => ({ role: 'read', version: '0', needs_token: false }),
        };
        this.server = createServer((request, response) => {
            const { pathname } = new URL(request.url, 'http://x'), answer = state[pathname.slice(1)];
            if (answer) return response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer()));
            try {
                const { type, data } = pageFile(pathname);
                response.setHeader('Content-Type', type).end(data);
            } catch {
                response.writeHead(404).end('no such page\n');
            }
        });
        this.sockets_server = new WebSocketServer({ server: this.server });
        this.sockets_server.on('connection', (socket, request) => {
            this.sockets.add(socket);
            socket.on('close', () => this.sockets.delete(socket));
            socket.on('error', () => undefined);
            socket.send(JSON.stringify({ kind: 'hello', schema: 1, version: '0', stream: this.stream, seq: this.seq + 1 }));
            const accept = () => socket.send(JSON.stringify({ kind: 'subscribed', stream: this.stream, seq: this.seq + 1 }));
            if (request.url.includes('?')) accept();
            socket.on('message', text => JSON.parse(text).subscribe && accept());
        });
        await new Promise(done => this.server.listen(this.port ?? 0, '127.0.0.1', done));
        this.port = this.server.address().port;
        return this;
    }

    get url() {
        return `http://127.0.0.1:${this.port}/`;
    }

    /** Another run of the daemon: another stream, numbers from 1, and only these targets. */
    restart(keep) {
        this.stream = '00000000000000b2';
        this.seq = 0;
        this.targets = this.targets.filter(keep);
        for (const s of this.sockets) s.terminate();
    }

    async end() {
        clearInterval(this.timer);
        for (const s of this.sockets) s.terminate();
        this.server.closeAllConnections();
        await new Promise(done => this.server.close(done));
    }
}
