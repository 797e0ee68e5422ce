// Opus packets to samples of 48 kHz. Two ways: WebCodecs, which browsers have on secure origins only
// (https and localhost), and else libopus as WebAssembly, which is loaded when it is needed.

const RATE = 48_000;
const WASM: string = './opus.js'; // beside app.js; not a literal in import(), so that it stays a file of its own

export type DecoderKind = 'webcodecs' | 'wasm';

export interface Decoder {
    readonly kind: DecoderKind;
    /** The samples come by the callback, in order, maybe later; one call for each packet that could
     * be decoded. */
    decode(opus: Uint8Array): void;
    /** The next packet does not follow the last one. */
    reset(): void;
    close(): void;
}

type OnSamples = (samples: Float32Array<ArrayBuffer>) => void;

class CodecsDecoder implements Decoder {
    readonly kind = 'webcodecs';
    private decoder: AudioDecoder | undefined;
    private stamp = 0; // µs; only counts

    constructor(private readonly onSamples: OnSamples) {
        this.open();
    }

    private open(): void {
        this.decoder = new AudioDecoder({
            output: (data) => {
                const samples = new Float32Array(data.numberOfFrames);
                data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
                data.close();
                this.onSamples(samples);
            },
            error: () => { this.decoder = undefined; },
        });
        this.decoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1 });
    }

    decode(opus: Uint8Array<ArrayBuffer>): void {
        if (!this.decoder || this.decoder.state === 'closed')
            this.open(); // after a packet that it could not read
        this.decoder?.decode(
            new EncodedAudioChunk({ type: 'key', timestamp: this.stamp, data: opus }));
        this.stamp += 20_000;
    }

    reset(): void {
        // Each packet is decoded with the state of those before; a new transmission begins with
        // silence, so the state does no harm.
    }

    close(): void {
        if (this.decoder && this.decoder.state !== 'closed')
            this.decoder.close();
    }
}

/** Whether this browser decodes Opus itself, here. */
async function hasCodecs(): Promise<boolean> {
    if (typeof AudioDecoder === 'undefined')
        return false;
    try {
        const can = await AudioDecoder.isConfigSupported(
            { codec: 'opus', sampleRate: RATE, numberOfChannels: 1 });
        return can.supported === true;
    } catch {
        return false;
    }
}

async function openWasm(onSamples: OnSamples): Promise<Decoder> {
    const { OpusDecoder } = await import(WASM) as typeof import('./opus');
    const decoder = new OpusDecoder({ sampleRate: RATE, channels: 1, preSkip: 0 });
    await decoder.ready;
    let closed = false;
    return {
        kind: 'wasm',
        decode: (opus) => {
            if (closed)
                return;
            const out = decoder.decodeFrame(opus);
            if (out.samplesDecoded > 0)
                onSamples(new Float32Array(out.channelData[0]!.subarray(0, out.samplesDecoded)));
        },
        reset: () => {},
        close: () => {
            closed = true;
            decoder.free();
        },
    };
}

/** The best decoder that works here; `want` asks for one of them. */
export async function openDecoder(onSamples: OnSamples, want?: DecoderKind): Promise<Decoder> {
    if (want !== 'wasm' && await hasCodecs())
        return new CodecsDecoder(onSamples);
    return openWasm(onSamples);
}
