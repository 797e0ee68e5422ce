// A stand-in for hertzd whose air is known exactly: the page's files, a status, and /stream with spectrum
// frames and Opus packets as docs/messages.md has them. It is for what the simulator cannot give: signals at
// chosen frequencies and levels, and a tone that an encoder which is not ours made.
import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { require } from './browser.mjs';
import { pageFile } from './dist.mjs';

const { WebSocketServer } = require('ws');
// That of daemon/serve/http_page.c
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const BAND = { centre: 162.4e6, rate: 2.4e6 };
const NOISE = 30; // level: -105 dBFS
const DB_MIN = -120, DB_STEP = 0.5;

/** A binary frame with what all have in common; `name` follows the fixed part, and `body` the head. */
function frame(type, { seq, ms, name }, fixed, body) {
    const text = Buffer.from(name), head = fixed + Math.ceil(text.length / 4) * 4, b = Buffer.alloc(head + body.length);
    b[0] = type;
    b[1] = 1;
    b.writeUInt16LE(head, 2);
    b.writeUInt32LE(seq, 4);
    b.writeBigInt64LE(BigInt(Math.round(ms * 1e3)) * 1000n, 8);
    b[fixed - 2] = text.length;
    text.copy(b, fixed);
    b.set(body, head);
    return b;
}

/** Binary frame of a spectrum. levels: Uint8Array. */
export function spectrumFrame({ seq, ms, from, to, spanMs = 50, name, levels, flags = 0 }) {
    const b = frame(1, { seq, ms, name }, 48, levels);
    b.writeDoubleLE(from, 16);
    b.writeDoubleLE(to, 24);
    b.writeFloatLE(DB_MIN, 32);
    b.writeFloatLE(DB_STEP, 36);
    b.writeUInt32LE(spanMs, 40);
    b.writeUInt16LE(levels.length, 44);
    b[47] = flags;
    return b;
}

/** Binary frame of one Opus packet. */
export function audioFrame({ seq, ms, name, packet, first, last }) {
    const b = frame(2, { seq, ms, name }, 24, packet);
    b.writeUInt32LE(16000, 16);
    b.writeUInt16LE((first ? 1 : 0) | (last ? 2 : 0), 20);
    return b;
}

/** Opus packets of 20 ms of a sine at half of full scale, by opusenc: the packets of its Ogg file. */
export function tonePackets(hz, seconds) {
    const pcm = new Int16Array(seconds * 16000).map((_, i) => Math.round(16384 * Math.sin((2 * Math.PI * hz * i) / 16000)));
    const ogg = execFileSync('opusenc', ['--quiet', '--raw', '--raw-rate', '16000', '--raw-chan', '1', '--bitrate', '24', '--framesize', '20', '--speech', '-', '-'],
        { input: Buffer.from(pcm.buffer), maxBuffer: 1 << 24 });
    const packets = [];
    let part = [];
    for (let at = 0; at < ogg.length;) {
        const n = ogg[at + 26], lacing = ogg.subarray(at + 27, at + 27 + n);
        let data = at + 27 + n;
        for (const size of lacing) {
            part.push(ogg.subarray(data, data + size));
            data += size;
            if (size < 255) packets.push(Buffer.concat(part)), (part = []);
        }
        at = data;
    }
    return packets.slice(2); // after OpusHead and OpusTags
}

export class Air {
    constructor() {
        this.carriers = [{ hz: 161.6e6, width: 4000, level: 130 }]; // constant signals
        this.bursts = []; // {start, end, hz, width, level}: ms since 1970
        this.asked = []; // what clients sent, parsed
        this.sockets = new Set();
        this.role = 'read';
        this.calls = []; // of /rpc
        this.recordings = [];
        this.seq = 1;
        this.stream = '0123456789abcdef';
        this.state = 'streaming';
    }

    async start() {
        this.server = createServer((q, r) => this.answer(q, r));
        this.wss = new WebSocketServer({ server: this.server, path: '/stream' });
        this.wss.on('connection', (socket, request) => this.serve(socket, request));
        await new Promise(done => this.server.listen(0, '127.0.0.1', done));
        this.port = this.server.address().port;
        return this;
    }

    get url() {
        return `http://127.0.0.1:${this.port}/`;
    }

    async end() {
        for (const s of this.sockets) s.terminate();
        this.server.closeAllConnections();
        await new Promise(done => this.server.close(done));
    }

    /** What the page asked last for spectra. */
    get spectrum() {
        return this.asked.filter(a => a.spectrum).at(-1)?.spectrum;
    }

    channel(name, decoder, freq, width, squelch) {
        const speech = decoder === 'nfm' || decoder === 'am';
        return { name, receiver: 'vhf', decoder, freq_hz: freq, bandwidth_hz: width, squelch_db: squelch ?? 0,
            state: speech && !this.talking ? 'squelched' : 'decoding', error: '', messages: 12,
            ...(speech ? { level_dbfs: this.talking ? -40.2 : -71.5, noise_dbfs: -72 } : {}), overruns: 0, lost_samples: 0 };
    }

    status() {
        const receiver = { name: 'vhf', source: 'sim', input: 'mix', state: this.state, reason: '', state_age_s: 5, format: 'cu8',
            rate_hz: BAND.rate, centre_hz: BAND.centre, air_s: 5, device: '', last_error: '', tuning: '', gain_db: 'auto', gains_db: [0, 20.7, 40.2],
            ppm: 0, bias_tee: false, failures: 0, wedged: 0, gaps: 0, lost_samples: 0, last_block_age_s: 0, channels: 4 };
        return { version: 'test', headline: 'test', uptime_s: 5, memory_bytes: 1, messages: 1, clients: 1,
            loop: { longest_ms: 1, over_10ms: 0, busy_percent: 1 }, jobs: { workers: 1, in_flight: 0, ready: 0, ready_max: 0, wait_mean_ms: 0,
                wait_max_ms: 0, busy_percent: 1, cpu_s: 1 }, bus: { stream: this.stream, first_seq: 1, next_seq: this.seq, frames: 0,
                max_frames: 1, bytes: 0, max_bytes: 1, protocols: [] }, listeners: [], outputs: [], receivers: [receiver], channels: [
                this.channel('ais-a', 'ais', 161.975e6, 25000), this.channel('ais-b', 'ais', 162.025e6, 25000),
                this.channel('voice', 'nfm', 161.6e6, 12500, 6), this.channel('tower', 'am', 163.1e6, 8330, 6)] };
    }

    answer(q, r) {
        const path = new URL(q.url, 'http://x').pathname;
        const json = (value, code = 200) => {
            r.writeHead(code, { 'Content-Type': 'application/json' });
            r.end(JSON.stringify(value));
        };
        if (path === '/status') return json(this.status());
        if (path === '/whoami') return json({ role: this.role, version: 'test', needs_token: false });
        if (path === '/recordings') return json({ recordings: this.recordings });
        if (path === '/rpc') {
            let text = '';
            q.on('data', d => (text += d));
            q.on('end', () => {
                const call = JSON.parse(text);
                this.calls.push(call);
                json({ jsonrpc: '2.0', id: call.id, result: call.method === 'decoders' ? [{ name: 'ais' }, { name: 'nfm' }] : {} });
            });
            return;
        }
        try {
            const { type, data } = pageFile(path);
            r.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY });
            r.end(data);
        } catch {
            json({}, 404);
        }
    }

    serve(socket, request) {
        this.sockets.add(socket);
        const feeds = {};
        const timers = [];
        socket.send(JSON.stringify({ kind: 'hello', schema: 1, version: 'test', stream: this.stream, seq: this.seq }));
        // A query with words is a subscription, which is acknowledged.
        if (request.url.includes('=')) socket.send(JSON.stringify({ kind: 'subscribed', stream: this.stream, seq: this.seq }));
        socket.on('message', data => {
            const m = JSON.parse(data);
            this.asked.push(m);
            if (m.subscribe) socket.send(JSON.stringify({ kind: 'subscribed', stream: this.stream, seq: this.seq }));
            if (m.spectrum) {
                clearInterval(feeds.spectrum);
                socket.send(JSON.stringify({ kind: 'spectrum', ...m.spectrum }));
                if (m.spectrum.fps > 0) timers.push(feeds.spectrum = this.spectra(socket, m.spectrum));
            }
            if (m.audio) socket.send(JSON.stringify({ kind: 'audio_stream', ...m.audio }));
            this.heard?.(socket, m);
        });
        socket.on('close', () => {
            this.sockets.delete(socket);
            for (const t of timers) clearInterval(t);
        });
    }

    spectra(socket, { receiver, bins, fps, from = BAND.centre - BAND.rate / 2, to = BAND.centre + BAND.rate / 2 }) {
        let seq = 0;
        const hz = (to - from) / bins;
        return setInterval(() => {
            const ms = Date.now(), levels = new Uint8Array(bins);
            for (let i = 0; i < bins; i++) levels[i] = NOISE + Math.random() * 8;
            const now = this.bursts.filter(b => b.start < ms && b.end > ms - 1000 / fps);
            for (const c of [...this.carriers, ...now])
                for (let i = Math.max(0, Math.floor((c.hz - c.width / 2 - from) / hz)); i <= Math.min(bins - 1, Math.floor((c.hz + c.width / 2 - from) / hz)); i++)
                    levels[i] = c.level;
            socket.send(spectrumFrame({ seq: seq++, ms, from, to, spanMs: 1000 / fps, name: receiver, levels }));
        }, 1000 / fps);
    }

    /** Sends a line to all. */
    say(line) {
        for (const s of this.sockets) s.send(JSON.stringify(line));
    }

    /** A burst on the air, and its message a little later. */
    burst(hz = 161.975e6, ms = 27) {
        const start = Date.now();
        this.bursts.push({ start, end: start + ms, hz, width: 12000, level: 120 });
        setTimeout(() => this.say({ seq: this.seq++, kind: 'message', time: new Date(start).toISOString().replace('Z', '000000Z'), receiver: 'vhf',
            channel: 'ais-a', protocol: 'ais', freq_hz: 161.975e6, rssi_dbfs: -50, noise_dbfs: -70, snr_db: 20, offset_hz: hz - 161.975e6, sample: 1,
            fixed_bits: 0, raw: '04701659f4000e682432709f02dc9ad28b8a000005', ais: { type: 1, mmsi: 470128253, speed: 23, status_text: 'Under way' } }), 60);
        return start;
    }
}
