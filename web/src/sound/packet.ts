// A piece of a transmission as the server sends it: one Opus packet (docs/messages.md, "Sound frames").

export const TYPE_AUDIO = 2;
export const PACKET_S = 0.02;
const FIRST = 1;
const LAST = 2;

export interface Packet {
    seq: number;
    time: number; // ms since 1970, of the first sample
    first: boolean; // of its transmission
    last: boolean;
    channel: string;
    opus: Uint8Array<ArrayBuffer>; // a view into the frame
}

/** The packet, or undefined where the frame is of another type or version, or not whole. */
export function readPacket(data: ArrayBuffer): Packet | undefined {
    if (data.byteLength < 24)
        return undefined;
    const v = new DataView(data);
    const head = v.getUint16(2, true);
    const nameLength = v.getUint8(22);
    if (v.getUint8(0) !== TYPE_AUDIO || v.getUint8(1) !== 1 || head < 24 + nameLength ||
        head > data.byteLength)
        return undefined;
    const flags = v.getUint16(20, true);
    return {
        seq: v.getUint32(4, true),
        time: Number(v.getBigInt64(8, true) / 1000n) / 1e3,
        first: (flags & FIRST) !== 0,
        last: (flags & LAST) !== 0,
        channel: new TextDecoder().decode(new Uint8Array(data, 24, nameLength)),
        opus: new Uint8Array(data, head),
    };
}
