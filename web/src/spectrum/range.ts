// The part of a band that is looked at. All in Hz.

export interface Range {
    from: number;
    to: number;
}

const NARROWEST = 2000; // a span of 50 bins of the server

export function span(r: Range): number {
    return r.to - r.from;
}

/** Where a frequency is in a picture of that width. */
export function xOf(r: Range, hz: number, width: number): number {
    return (hz - r.from) / span(r) * width;
}

/** The frequency at a place of a picture of that width. */
export function hzAt(r: Range, x: number, width: number): number {
    return r.from + (x / width) * span(r);
}

/** The range, moved and shrunk so that it is within the band and not too narrow. */
export function within(r: Range, band: Range): Range {
    const width = Math.min(Math.max(span(r), Math.min(NARROWEST, span(band))), span(band));
    const middle = (r.from + r.to) / 2;
    const from = Math.min(Math.max(middle - width / 2, band.from), band.to - width);
    return { from, to: from + width };
}

/** Zoomed so that the frequency stays where it is; factor < 1: closer. */
export function zoomed(r: Range, band: Range, hz: number, factor: number): Range {
    const width = Math.min(Math.max(span(r) * factor, Math.min(NARROWEST, span(band))), span(band));
    const share = (hz - r.from) / span(r);
    const from = hz - share * width;
    return within({ from, to: from + width }, band);
}

export function moved(r: Range, band: Range, hz: number): Range {
    return within({ from: r.from + hz, to: r.to + hz }, band);
}

export function same(a: Range, b: Range): boolean {
    return Math.abs(a.from - b.from) < 1 && Math.abs(a.to - b.to) < 1;
}

/** A step of 1, 2 or 5 times a power of ten that gives at most `most` divisions of a span. */
export function niceStep(width: number, most: number): number {
    const raw = width / Math.max(1, most);
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    for (const m of [1, 2, 5, 10])
        if (power * m >= raw)
            return power * m;
    return power * 10;
}

/** '162.025' with as many decimals of MHz as the step needs. */
export function mhz(hz: number, step: number): string {
    const decimals = Math.min(6, Math.max(1, Math.ceil(-Math.log10(step / 1e6) - 1e-9)));
    return (hz / 1e6).toFixed(decimals);
}
