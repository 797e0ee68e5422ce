// Plays one transmission again: the packets that this page kept, or a recording of the daemon.
import { openDecoder, RATE } from './decoder';
import type { Kept } from './kept';

export class Replay {
    private ended = false;
    private close: () => void = () => undefined;

    /** done: it is over, or was stopped. */
    constructor(private readonly done: () => void) {}

    /** Plays kept packets. */
    async packets(context: AudioContext, kept: Kept, volume: number): Promise<void> {
        const parts: Float32Array<ArrayBuffer>[] = [];
        const want = kept.packets.length;
        await new Promise<void>((all, fail) => {
            openDecoder(samples => {
                parts.push(samples);
                if (parts.length === want) all();
            }).then(decoder => {
                kept.packets.forEach((p, i) => decoder.decode(p, i + 1));
                this.close = () => decoder.close();
                setTimeout(all, 1500); // a packet that cannot be decoded gives nothing
            }, fail);
        });
        this.close();
        if (this.ended || parts.length === 0) return this.stop();
        const length = parts.reduce((sum, p) => sum + p.length, 0);
        const buffer = new AudioBuffer({ length, sampleRate: RATE, numberOfChannels: 1 });
        let at = 0;
        for (const p of parts) {
            buffer.copyToChannel(p, 0, at);
            at += p.length;
        }
        const source = new AudioBufferSourceNode(context, { buffer });
        const gain = new GainNode(context, { gain: volume });
        source.connect(gain).connect(context.destination);
        source.onended = () => this.stop();
        this.close = () => {
            source.stop();
            gain.disconnect();
        };
        source.start();
    }

    /** Plays a file that the daemon recorded. */
    async file(url: URL, volume: number): Promise<void> {
        const audio = new Audio(url.href);
        audio.volume = Math.min(1, volume);
        audio.onended = () => this.stop();
        this.close = () => {
            audio.pause();
            audio.removeAttribute('src');
        };
        await audio.play();
    }

    stop(): void {
        if (this.ended) return;
        this.ended = true;
        this.close();
        this.done();
    }
}
