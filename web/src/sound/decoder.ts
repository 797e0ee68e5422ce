// Opus packets to samples of 48 kHz. Two ways: WebCodecs, which browsers have on secure origins only (https
// and localhost), and else libopus as WebAssembly, which is loaded when it is needed.

export const RATE = 48_000;
const WASM: string = './opus.js'; // beside app.js; not a literal in import(), so that it stays a file of its own
const PACKET_US = 20_000;
const CONFIG: AudioDecoderConfig = { codec: 'opus', sampleRate: RATE, numberOfChannels: 1 };

export interface Decoder {
    readonly kind: 'webcodecs' | 'wasm';
    /** The samples come by the callback with the same number, in order, maybe later; none where the packet
     *  could not be decoded. */
    decode(opus: Uint8Array<ArrayBuffer>, number: number): void;
    close(): void;
}

export type OnSamples = (samples: Float32Array<ArrayBuffer>, number: number) => void;

class CodecsDecoder implements Decoder {
    readonly kind = 'webcodecs';
    private decoder: AudioDecoder;

    constructor(private readonly onSamples: OnSamples) {
        this.decoder = this.open();
    }

    private open(): AudioDecoder {
        const decoder = new AudioDecoder({
            output: data => {
                const samples = new Float32Array(data.numberOfFrames);
                data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
                this.onSamples(samples, Math.round(data.timestamp / PACKET_US));
                data.close();
            },
            error: () => undefined, // it is closed then, and the next packet opens another
        });
        decoder.configure(CONFIG);
        return decoder;
    }

    decode(opus: Uint8Array<ArrayBuffer>, number: number): void {
        if (this.decoder.state === 'closed') this.decoder = this.open();
        this.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: number * PACKET_US, data: opus }));
    }

    close(): void {
        if (this.decoder.state !== 'closed') this.decoder.close();
    }
}

/** Whether this browser decodes Opus itself, on this origin. */
async function hasCodecs(): Promise<boolean> {
    if (typeof AudioDecoder === 'undefined') return false;
    try {
        return (await AudioDecoder.isConfigSupported(CONFIG)).supported === true;
    } catch {
        return false;
    }
}

async function openWasm(onSamples: OnSamples): Promise<Decoder> {
    const { OpusDecoder } = await import(WASM) as typeof import('./opus');
    const decoder = new OpusDecoder({ sampleRate: RATE, channels: 1, preSkip: 0 });
    await decoder.ready;
    let open = true;
    return {
        kind: 'wasm',
        decode: (opus, number) => {
            if (!open) return;
            const { channelData, samplesDecoded } = decoder.decodeFrame(opus);
            if (samplesDecoded > 0) onSamples(new Float32Array(channelData[0]!.subarray(0, samplesDecoded)), number);
        },
        close: () => {
            if (open) decoder.free();
            open = false;
        },
    };
}

/** The best decoder that works here. */
export async function openDecoder(onSamples: OnSamples): Promise<Decoder> {
    return await hasCodecs() ? new CodecsDecoder(onSamples) : openWasm(onSamples);
}
