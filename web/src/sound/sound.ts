// What this page plays: any number of channels at once, in whatever view. Begins only after a click, as
// browsers ask for.
import { Emitter } from '../emitter';
import type { Link } from '../link';
import { load, save } from '../storage';
import { RATE } from './decoder';
import { type Kept, KeptTransmissions } from './kept';
import { readPacket, TYPE_AUDIO } from './packet';
import { Replay } from './replay';
import { Voice } from './voice';

interface Events {
    /** Who is listened to or talks has changed. */
    change: void;
    trouble: string;
}

const KEY = 'hertzd.volumes';

export class Sound extends Emitter<Events> {
    readonly kept = new KeptTransmissions();
    private context: AudioContext | undefined;
    private readonly voices = new Map<string, { voice: Voice; end: () => void }>();
    private readonly volumes = load(KEY) as Record<string, number>;
    private replay: { key: string; replay: Replay } | undefined;

    constructor(private readonly link: Link) {
        super();
        link.on('line', line => {
            if (line.kind === 'error' && typeof line.error === 'string') this.refused(line.error);
        });
        link.on('binary', frame => {
            if (frame.type !== TYPE_AUDIO) return;
            const packet = readPacket(frame.data);
            const entry = packet && this.voices.get(packet.channel);
            if (!packet || !entry) return;
            this.kept.add(packet);
            entry.voice.take(packet);
        });
    }

    /** The daemon says that a channel has no speech, or is not there. */
    private refused(error: string): void {
        const channel = /^no channel "(.*?)"/.exec(error)?.[1];
        if (channel === undefined || !this.voices.has(channel)) return;
        this.stop(channel);
        this.emit('trouble', error);
    }

    /** Channels that are listened to. */
    get channels(): string[] {
        return [...this.voices.keys()];
    }

    voice(channel: string): Voice | undefined {
        return this.voices.get(channel)?.voice;
    }

    /** Call it in the handler of a click. */
    play(channel: string): void {
        if (this.voices.has(channel)) return;
        const context = this.open();
        const voice = new Voice(context, this.volume(channel), () => this.emit('change', undefined), words => {
            this.stop(channel);
            this.emit('trouble', words);
        });
        const end = this.link.feed(`audio ${channel}`, { audio: { channel } }, { audio: { channel, off: true } });
        this.voices.set(channel, { voice, end });
        this.emit('change', undefined);
    }

    stop(channel: string): void {
        const entry = this.voices.get(channel);
        if (!entry) return;
        this.voices.delete(channel);
        entry.end();
        entry.voice.close();
        this.kept.end(channel);
        this.rest();
        this.emit('change', undefined);
    }

    toggle(channel: string): void {
        if (this.voices.has(channel)) this.stop(channel);
        else this.play(channel);
    }

    stopAll(): void {
        this.stopReplay();
        for (const channel of this.channels) this.stop(channel);
    }

    /** 0 to 1 (as the ear hears it, not linear). */
    loudness(channel: string): number {
        return this.volumes[channel] ?? 1;
    }

    setLoudness(channel: string, value: number): void {
        this.volumes[channel] = value;
        const voice = this.voice(channel);
        if (voice) voice.volume = this.volume(channel);
        save(KEY, this.volumes);
    }

    /** What is played again now; '': nothing. */
    get replaying(): string {
        return this.replay?.key ?? '';
    }

    /** Plays a transmission again, instead of the one that is. key: names it. */
    again(key: string, channel: string, what: { kept: Kept } | { url: URL }): void {
        this.stopReplay();
        const replay = new Replay(() => {
            if (this.replay?.replay === replay) this.replay = undefined;
            this.rest();
            this.emit('change', undefined);
        });
        this.replay = { key, replay };
        const begun = 'kept' in what ? replay.packets(this.open(), what.kept, this.volume(channel))
            : replay.file(what.url, this.volume(channel));
        begun.catch((e: unknown) => {
            replay.stop();
            this.emit('trouble', `It cannot be played: ${(e as Error).message}`);
        });
        this.emit('change', undefined);
    }

    stopReplay(): void {
        this.replay?.replay.stop();
    }

    private volume(channel: string): number {
        return this.loudness(channel) ** 2;
    }

    private open(): AudioContext {
        this.context ??= new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
        if (this.context.state !== 'running')
            this.context.resume().catch(() => this.emit('trouble', 'This browser does not let the page play sound.'));
        return this.context;
    }

    /** Nothing plays: the sound device is left alone. */
    private rest(): void {
        if (this.voices.size === 0 && !this.replay) void this.context?.suspend();
    }
}
