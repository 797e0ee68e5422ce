// A real hertzd for the tests of the page: the demo's bands, on ports that the system gives.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = resolve(process.env.HZ_BIN ?? join(ROOT, 'build/hertzd'));

// The receivers and channels of `hertzd demo`.
export const DEMO = `
[receiver sky]
source = sim
scene = aircraft
latitude = 53.76
longitude = 8.67
pace = realtime

[receiver vhf]
source = sim
scene = mix
latitude = 53.87
longitude = 8.70
pace = realtime

[channel 1090]
decoder = adsb
receiver = sky

[channel ais]
decoder = ais
receiver = vhf

[channel aprs]
decoder = aprs
receiver = vhf
frequency = 162.45M

[channel packet]
decoder = ax25-9600
receiver = vhf
frequency = 163.2M

[channel pager]
decoder = pocsag
receiver = vhf
frequency = 162.75M

[channel pager-slow]
decoder = pocsag
receiver = vhf
frequency = 162.7M

[channel pager-fast]
decoder = pocsag
receiver = vhf
frequency = 162.8M

[channel pager-flex]
decoder = flex
receiver = vhf
frequency = 162.9M

[channel acars]
decoder = acars
receiver = vhf
frequency = 162.15M

[channel vdl2]
decoder = vdl2
receiver = vhf
frequency = 163M

[channel voice]
decoder = nfm
receiver = vhf
frequency = 161.6M

[channel air]
decoder = am
receiver = vhf
frequency = 161.35M
`;

export class Hertzd {
    constructor(config = DEMO, listen = 'allow_host = radio.lan') {
        this.dir = mkdtempSync(join(tmpdir(), 'hertzd-web-'));
        this.sock = join(this.dir, 'hertzd.sock');
        this.config = config;
        this.listen = listen;
        this.port = 0;
        this.child = null;
        this.log = '';
    }

    /** Starts it, on the port of before if it ran already. Resolves when it answers. */
    async start() {
        const file = join(this.dir, 'hertzd.conf');
        writeFileSync(file, `${this.config}
[listen web]
type = http
address = 127.0.0.1:${this.port}
${this.listen}

[listen control]
type = unix
path = ${this.sock}
`);
        const child = spawn(BIN, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
        this.child = child;
        this.ended = new Promise(done => child.on('exit', done));
        child.stderr.on('data', data => (this.log += data));
        for (;;) {
            if (child.exitCode !== null) throw new Error(`hertzd ended: ${this.log}`);
            const status = await this.rpc('status').catch(() => null);
            const web = status?.listeners.find(l => l.name === 'web');
            if (web?.state === 'listening') {
                this.port = Number(web.address.split(':').pop());
                return this;
            }
            await new Promise(next => setTimeout(next, 20));
        }
    }

    get url() {
        return `http://127.0.0.1:${this.port}/`;
    }

    /** A method of the control socket. */
    rpc(method, params) {
        return new Promise((done, fail) => {
            const socket = createConnection(this.sock, () =>
                socket.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) + '\n'));
            let text = '';
            socket.on('error', fail);
            socket.on('data', data => {
                text += data;
                if (!text.endsWith('\n')) return;
                socket.end();
                const answer = JSON.parse(text);
                answer.error ? fail(new Error(answer.error.message)) : done(answer.result);
            });
        });
    }

    async stop() {
        if (!this.child || this.child.exitCode !== null) return;
        this.child.kill('SIGTERM');
        await this.ended;
    }

    async end() {
        await this.stop();
        rmSync(this.dir, { recursive: true, force: true });
    }
}
