// What the page knows of the daemon beside the stream: its status, asked for while the page is visible.
import { ApiError, type Api } from './api';
import { Emitter } from './emitter';
import type { Status, WhoAmI } from './types';

interface Events {
    status: Status;
    /** The daemon does not answer, in words; '': it does. */
    trouble: string;
    /** A token is needed, or the one we have is wrong. */
    token: string;
    who: WhoAmI;
}

/** The counts of one moment, to make rates of. */
interface Sample {
    at: number; // performance.now()
    uptime: number;
    total: number;
    channels: Map<string, number>;
}

const WINDOW_MS = 60_000;

/** The messages of a channel, or of all. */
const countOf = (s: Sample, channel?: string): number => (channel === undefined ? s.total : s.channels.get(channel) ?? 0);

export class Store extends Emitter<Events> {
    status: Status | null = null;
    who: WhoAmI | null = null;
    trouble = '';
    private samples: Sample[] = [];
    private everyMs = 5000;
    private timer = 0;
    private running = false;

    constructor(private readonly api: Api) {
        super();
        document.addEventListener('visibilitychange', () => this.refresh());
    }

    /** May this browser change settings of the daemon? */
    get control(): boolean {
        return this.who?.role === 'control';
    }

    /** Asks more often until the result is called. */
    watch(everyMs: number): () => void {
        this.everyMs = everyMs;
        this.refresh();
        return () => {
            this.everyMs = 5000;
        };
    }

    /** Asks now, if the page can be seen. */
    refresh(): void {
        clearTimeout(this.timer);
        if (!document.hidden && !this.running) void this.poll();
    }

    /** Who are we? True: we may read. Otherwise the event `token` has told what is missing. */
    async ask(): Promise<boolean> {
        try {
            this.who = await this.api.json<WhoAmI>('whoami');
        } catch (e) {
            const error = e as ApiError;
            if (error.refused) {
                this.emit('token', error.message);
                return false;
            }
            this.who = { role: 'read', version: '', needs_token: false };
        }
        this.emit('who', this.who);
        return true;
    }

    /** Messages a minute of a channel, or of all: over the last minute, or since the daemon's start. */
    rate(channel?: string): number | null {
        const last = this.samples.at(-1), first = this.samples[0];
        if (!last || !first) return null;
        const seconds = (last.at - first.at) / 1000, n = countOf(last, channel);
        if (seconds >= 10) return ((n - countOf(first, channel)) / seconds) * 60;
        return last.uptime > 0 ? (n / last.uptime) * 60 : null;
    }

    /** Messages a second over the last minute, the oldest first, each a mean over three samples: for a curve. */
    curve(channel?: string): number[] {
        const out: number[] = [];
        for (let i = 1; i < this.samples.length; i++) {
            const a = this.samples[Math.max(0, i - 3)]!, b = this.samples[i]!;
            out.push((Math.max(0, countOf(b, channel) - countOf(a, channel)) / Math.max(1, b.at - a.at)) * 1000);
        }
        return out;
    }

    private async poll(): Promise<void> {
        this.running = true;
        try {
            this.take(await this.api.json<Status>('status'));
            this.say('');
        } catch (e) {
            const error = e as ApiError;
            if (error.refused) this.emit('token', error.message);
            this.say(error.message);
        }
        this.running = false;
        this.timer = window.setTimeout(() => this.refresh(), this.everyMs);
    }

    private say(trouble: string): void {
        if (this.trouble === trouble) return;
        this.trouble = trouble;
        this.emit('trouble', trouble);
    }

    private take(status: Status): void {
        const before = this.samples.at(-1);
        if (before && status.uptime_s < before.uptime) this.samples = []; // started anew
        const at = performance.now();
        this.samples.push({
            at,
            uptime: status.uptime_s,
            total: status.messages,
            channels: new Map(status.channels.map(c => [c.name, c.messages])),
        });
        while (this.samples.length > 2 && at - this.samples[0]!.at > WINDOW_MS) this.samples.shift();
        this.status = status;
        this.emit('status', status);
    }
}
