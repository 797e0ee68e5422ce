// A spectrum frame as the server sends it (docs/messages.md, 'Spectrum frames').

export const TYPE_SPECTRUM = 1;
const LOST = 1; // flag: samples were lost within

export interface Line {
    seq: number;
    time: number; // ms since 1970, of the frame's end
    from: number; // Hz, lower edge of the first bin
    to: number; // Hz, upper edge of the last bin
    dbMin: number; // dBFS of level 0
    dbStep: number; // dB of one level
    spanMs: number; // that the peak-hold covers
    lost: boolean;
    receiver: string;
    levels: Uint8Array; // a view into the frame
}

/** The frame, or undefined where it is of another type or version, or not whole. */
export function readSpectrum(data: ArrayBuffer): Line | undefined {
    if (data.byteLength < 48)
        return undefined;
    const v = new DataView(data);
    const head = v.getUint16(2, true);
    const n = v.getUint16(44, true);
    const nameLength = v.getUint8(46);
    if (v.getUint8(0) !== TYPE_SPECTRUM || v.getUint8(1) !== 1 || n === 0 ||
        head < 48 + nameLength || head + n > data.byteLength)
        return undefined;
    return {
        seq: v.getUint32(4, true),
        time: Number(v.getBigInt64(8, true) / 1000n) / 1e3,
        from: v.getFloat64(16, true),
        to: v.getFloat64(24, true),
        dbMin: v.getFloat32(32, true),
        dbStep: v.getFloat32(36, true),
        spanMs: v.getUint32(40, true),
        lost: (v.getUint8(47) & LOST) !== 0,
        receiver: new TextDecoder().decode(new Uint8Array(data, 48, nameLength)),
        levels: new Uint8Array(data, head, n),
    };
}
