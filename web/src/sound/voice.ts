// One channel that is listened to: its packets are decoded and played as they come.
import { type Decoder, openDecoder, RATE } from './decoder';
import { Jitter } from './jitter';
import { PACKET_S, type Packet } from './packet';

const WAITING = 12; // packets kept until the decoder is there
const LONGEST_HOLE = 10; // packets; more missing ones begin anew

export class Voice {
    /** Someone talks, by the packets. */
    talking = false;

    private readonly jitter = new Jitter();
    private readonly gain: GainNode;
    private readonly meter: AnalyserNode;
    private readonly samples = new Float32Array(512);
    private decoder: Decoder | undefined;
    private closed = false;
    private waiting: Packet[] = [];
    private readonly sent = new Map<number, Packet>(); // to the decoder, by number
    private number = 0;
    private lastSeq: number | undefined;

    constructor(private readonly context: AudioContext, volume: number, private readonly changed: () => void,
        trouble: (words: string) => void) {
        this.gain = new GainNode(context, { gain: volume });
        this.meter = new AnalyserNode(context, { fftSize: 512 });
        this.gain.connect(context.destination);
        openDecoder((samples, number) => this.play(samples, number)).then(decoder => {
            this.decoder = decoder;
            if (this.closed) decoder.close();
            for (const p of this.waiting.splice(0)) this.decode(p);
            this.changed();
        }, e => trouble(`Sound cannot be decoded here: ${(e as Error).message}`));
    }

    get kind(): string {
        return this.decoder?.kind ?? '';
    }

    set volume(value: number) {
        this.gain.gain.value = value;
    }

    /** The level of what is played now, in dB under full scale; -Infinity: silence. */
    get level(): number {
        if (!this.talking) return -Infinity;
        this.meter.getFloatTimeDomainData(this.samples);
        return 10 * Math.log10(this.samples.reduce((sum, v) => sum + v * v, 0) / this.samples.length);
    }

    take(p: Packet): void {
        this.waiting.push(p);
        if (!this.decoder) {
            if (this.waiting.length > WAITING) this.waiting.shift();
        } else {
            for (const next of this.waiting.splice(0)) this.decode(next);
        }
        if (this.talking === p.last) {
            this.talking = !p.last;
            this.changed();
        }
    }

    close(): void {
        this.closed = true;
        this.decoder?.close();
        this.gain.disconnect();
        this.meter.disconnect();
    }

    private decode(p: Packet): void {
        const missing = this.lastSeq === undefined ? -1 : p.seq - this.lastSeq - 1;
        if (p.first || missing < 0 || missing > LONGEST_HOLE) p.first = true;
        else if (missing > 0) this.jitter.hole(missing * PACKET_S);
        this.lastSeq = p.seq;
        this.sent.set(++this.number, p);
        this.decoder?.decode(p.opus, this.number);
        this.sent.delete(this.number - 50); // those that could not be decoded
    }

    private play(samples: Float32Array<ArrayBuffer>, number: number): void {
        const p = this.sent.get(number);
        this.sent.delete(number);
        if (!p || this.closed) return;
        const at = this.jitter.place(this.context.currentTime, samples.length / RATE, p.first);
        if (at === undefined) return;
        const buffer = new AudioBuffer({ length: samples.length, sampleRate: RATE, numberOfChannels: 1 });
        buffer.copyToChannel(samples, 0);
        const source = new AudioBufferSourceNode(this.context, { buffer });
        source.connect(this.gain);
        source.connect(this.meter);
        source.start(at);
    }
}
