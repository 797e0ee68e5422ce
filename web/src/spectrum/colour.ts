// Colour maps with even steps of perceived lightness. Viridis and inferno are those of matplotlib
// (CC0), as polynomials of degree 6 by Matt Zucker; the error is below 8 of 255.

export type MapName = 'viridis' | 'inferno' | 'grey';
export const mapNames: readonly MapName[] = ['inferno', 'viridis', 'grey'];

type Triple = readonly [number, number, number];

const polynomials: Record<Exclude<MapName, 'grey'>, readonly Triple[]> = {
    viridis: [
        [0.2777273272234177, 0.005407344544966578, 0.3340998053353061],
        [0.1050930431085774, 1.404613529898575, 1.384590162594685],
        [-0.3308618287255563, 0.214847559468213, 0.09509516302823659],
        [-4.634230498983486, -5.799100973351585, -19.33244095627987],
        [6.228269936347081, 14.17993336680509, 56.69055260068105],
        [4.776384997670288, -13.74514537774601, -65.35303263337234],
        [-5.435455855934631, 4.645852612178535, 26.3124352495832],
    ],
    inferno: [
        [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
        [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
        [11.60249308247187, -3.972853965665698, -15.9423941062914],
        [-41.70399613139459, 17.43639888205313, 44.35414519872813],
        [77.162935699427, -33.40235894210092, -81.80730925738993],
        [-71.31942824499214, 32.62606426397723, 73.20951985803202],
        [25.13112622477341, -12.24266895238567, -23.07032500287172],
    ],
};

/** The colour at x, 0 to 1, as red, green, blue of 0 to 255. */
export function colourAt(name: MapName, x: number): [number, number, number] {
    const t = Math.min(1, Math.max(0, x));
    const out: [number, number, number] = [t, t, t];
    if (name !== 'grey')
        for (let c = 0; c < 3; c++)
            out[c] = polynomials[name].reduceRight((sum, p) => sum * t + p[c]!, 0);
    return out.map((v) => Math.round(Math.min(1, Math.max(0, v)) * 255)) as typeof out;
}

/** The colours of the levels 0 to 255 as pixels of an ImageData (little endian), for a line of that
 * scale: low dB is the darkest colour, high dB the brightest. */
export function pixelsOf(name: MapName, dbMin: number, dbStep: number, low: number,
                         high: number): Uint32Array {
    const table = new Uint32Array(256);
    for (let v = 0; v < 256; v++) {
        const [r, g, b] = colourAt(name, (dbMin + v * dbStep - low) / (high - low));
        table[v] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    }
    return table;
}
