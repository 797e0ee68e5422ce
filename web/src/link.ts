// The one connection of a tab: the WebSocket /stream. Lines, and binary frames of spectra and sound, come
// over it. It connects again by itself, and resumes where it was by the name of the stream and the last seq:
// what was published meanwhile comes then, once.
import type { Api } from './api';
import { Emitter } from './emitter';
import type { Hello, Line, Message } from './types';

/** The words of a subscription: docs/messages.md. */
export interface Words {
    protocol?: string[];
    channel?: string[];
    receiver?: string[];
    kind?: string[];
    id?: string[];
    bbox?: string;
    min_snr?: number;
    every?: string;
}

/** A binary frame: its head is parsed by who wanted it. */
export interface BinaryFrame {
    type: number; // 1 spectrum, 2 audio
    data: ArrayBuffer;
}

/** Sets the words in a query: protocol=ais,aprs */
export function setWords(query: URLSearchParams, words: Words): void {
    for (const [word, value] of Object.entries(words))
        if (value !== undefined) query.set(word, Array.isArray(value) ? value.join(',') : String(value));
}

export type LinkState = 'connecting' | 'open' | 'waiting' | 'stopped';

interface Events {
    state: LinkState;
    hello: Hello;
    message: Message;
    /** Any other line: state, gap with samples, acknowledgements of feeds, … */
    line: Line;
    /** This page was not sent so many frames. */
    missed: number;
    /** The daemon was started anew: numbers count from 1 again. */
    ended: void;
    binary: BinaryFrame;
}

const IDLE: Words = { kind: ['state', 'gap'] };
const SILENCE_MS = 50_000; // a heartbeat comes after 15 s
const WAIT_MS = [500, 1000, 2000, 4000, 8000];

export class Link extends Emitter<Events> {
    state: LinkState = 'stopped';
    hello: Hello | null = null;
    stream = '';
    /** The last frame that came. */
    seq = 0;
    /** When it tries again, while `waiting`. */
    retryAt = 0;

    private socket: WebSocket | null = null;
    private words: Words = IDLE;
    private wanted = 0; // who wants `words`: the latest call of want()
    private readonly feeds = new Map<string, object>();
    private unanswered = 0; // subscriptions without their acknowledgement: frames before it are not for us
    private tries = 0;
    private timer = 0;
    private heard = 0;

    constructor(private readonly api: Api) {
        super();
        setInterval(() => {
            if (this.state === 'open' && performance.now() - this.heard > SILENCE_MS) this.socket?.close();
        }, 5000);
        addEventListener('online', () => this.hurry());
        document.addEventListener('visibilitychange', () => {
            if (!document.hidden) this.hurry();
        });
    }

    start(): void {
        if (this.state === 'stopped') this.connect();
    }

    /** Ends the connection, and tries no more. */
    stop(): void {
        clearTimeout(this.timer);
        this.drop();
        this.become('stopped');
    }

    /** Connects anew, with another token for example. */
    restart(): void {
        this.stop();
        this.tries = 0;
        this.start();
    }

    /**
     * What this page is to be sent from now on; replaces what was wanted before. since: also what is kept
     * after that seq of the present stream. The result ends it.
     */
    want(words: Words, since?: number): () => void {
        const mine = ++this.wanted;
        this.subscribe(words, since);
        return () => {
            if (mine === this.wanted) this.subscribe(IDLE);
        };
    }

    private subscribe(words: Words, since?: number): void {
        this.words = words;
        if (this.socket?.readyState !== WebSocket.OPEN) {
            if (since !== undefined) this.seq = Math.max(0, since);
            return;
        }
        const from = since !== undefined && this.stream ? { stream: this.stream, since: Math.max(0, since) } : {};
        this.unanswered++;
        this.send({ subscribe: { ...words, ...from } });
    }

    /**
     * A request for binary frames, as {"spectrum":{…}}. It is sent now, and again after each connect.
     * end: what is sent when the result is called.
     */
    feed(key: string, request: object, end: object): () => void {
        this.feeds.set(key, request);
        this.send(request);
        return () => {
            if (this.feeds.get(key) !== request) return;
            this.feeds.delete(key);
            this.send(end);
        };
    }

    private send(message: object): void {
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    }

    private become(state: LinkState): void {
        if (this.state === state) return;
        this.state = state;
        this.emit('state', state);
    }

    private hurry(): void {
        if (this.state !== 'waiting') return;
        clearTimeout(this.timer);
        this.connect();
    }

    private drop(): void {
        const socket = this.socket;
        this.socket = null;
        socket?.close();
    }

    private address(): URL {
        const url = this.api.urlWithToken('stream');
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
        setWords(url.searchParams, this.words);
        if (this.stream) {
            url.searchParams.set('stream', this.stream);
            url.searchParams.set('since', String(this.seq));
        }
        return url;
    }

    private connect(): void {
        this.become('connecting');
        this.unanswered = 1;
        const asked = this.words;
        const socket = new WebSocket(this.address());
        socket.binaryType = 'arraybuffer';
        this.socket = socket;
        this.heard = performance.now();
        socket.onopen = () => {
            if (socket !== this.socket) return;
            this.tries = 0;
            this.become('open');
            if (this.words !== asked) this.subscribe(this.words, this.stream ? this.seq : undefined);
            for (const request of this.feeds.values()) this.send(request);
        };
        socket.onmessage = event => {
            if (socket === this.socket) this.take(event.data as string | ArrayBuffer);
        };
        socket.onclose = () => {
            if (socket !== this.socket) return;
            this.socket = null;
            const wait = WAIT_MS[Math.min(this.tries++, WAIT_MS.length - 1)]! * (0.5 + Math.random() / 2);
            this.retryAt = Date.now() + wait;
            this.timer = window.setTimeout(() => this.connect(), wait);
            this.become('waiting');
        };
    }

    private take(data: string | ArrayBuffer): void {
        this.heard = performance.now();
        if (typeof data !== 'string') {
            if (data.byteLength > 0) this.emit('binary', { type: new Uint8Array(data)[0]!, data });
            return;
        }
        const line = JSON.parse(data) as Line;
        switch (line.kind) {
        case 'hello':
            this.greet(line as unknown as Hello);
            return;
        case 'subscribed':
            if (--this.unanswered === 0) this.seq = (line.seq as number) - 1;
            return;
        case 'heartbeat': // all before that number were sent
            if (this.unanswered === 0) this.seq = Math.max(this.seq, (line.seq as number) - 1);
            return;
        case 'gap':
            if (line.ended !== undefined) return; // greet() told it
            if (typeof line.missed === 'number') {
                if (line.missed > 0) this.emit('missed', line.missed);
                return;
            }
        }
        if (typeof line.seq === 'number') {
            if (this.unanswered > 0) return; // by the words of before
            if (line.seq <= this.seq) return; // it came before
            this.seq = line.seq;
        }
        if (line.kind === 'message') this.emit('message', line as unknown as Message);
        else this.emit('line', line);
    }

    private greet(hello: Hello): void {
        const other = this.stream !== '' && this.stream !== hello.stream;
        if (this.stream !== hello.stream) this.seq = this.stream ? 0 : hello.seq - 1;
        this.stream = hello.stream;
        this.hello = hello;
        if (other) this.emit('ended', undefined);
        this.emit('hello', hello);
    }
}
