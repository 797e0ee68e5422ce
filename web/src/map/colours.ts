// Colours and the font of the map. They are drawn on a canvas, so they are here and not in the style sheet.
export const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export interface Palette {
    sea: string;
    land: string;
    coast: string;
    border: string;
    graticule: string;
    ring: string;
    ringText: string;
    ink: string;
    halo: string;
    label: string;
    labelBack: string;
    accent: string;
    coverage: string[]; // of one channel after the other
}

export const LIGHT: Palette = {
    sea: '#d5e3ed', land: '#f6f5f0', coast: '#7f99ab', border: '#c2bbad', graticule: 'rgb(60 90 110 / 16%)',
    ring: 'rgb(30 60 90 / 34%)', ringText: '#3c5266', ink: '#151a20', halo: '#ffffff', label: '#151a20',
    labelBack: 'rgb(255 255 255 / 78%)', accent: '#0b63b5', coverage: ['#0b63b5', '#0a7568', '#9a4a00', '#8a2d8f'],
};
export const DARK: Palette = {
    sea: '#0a1219', land: '#18222a', coast: '#45596a', border: '#34424d', graticule: 'rgb(150 180 200 / 10%)',
    ring: 'rgb(150 185 215 / 30%)', ringText: '#9db3c5', ink: '#e5eaef', halo: '#05090d', label: '#e5eaef',
    labelBack: 'rgb(10 16 22 / 74%)', accent: '#5fb2ff', coverage: ['#5fb2ff', '#45cdb9', '#f2a35c', '#dd8fe2'],
};

/** Altitude in steps of 2,000 ft, from the ground (orange) over green and blue to violet. */
const ALTITUDE_STEPS = 22;
const STOPS: [ft: number, hue: number, light: number, dark: number][] = [
    [0, 16, 42, 62], [4000, 38, 38, 58], [9000, 78, 33, 55], [15000, 145, 32, 54], [23000, 190, 36, 56],
    [31000, 218, 48, 66], [38000, 262, 52, 72], [44000, 305, 44, 68],
];

export function altitudeColour(ft: number, dark: boolean): string {
    let i = 1;
    while (i < STOPS.length - 1 && STOPS[i]![0] < ft) i++;
    const a = STOPS[i - 1]!, b = STOPS[i]!, t = Math.min(1, Math.max(0, (ft - a[0]) / (b[0] - a[0])));
    const l = dark ? a[3] + t * (b[3] - a[3]) : a[2] + t * (b[2] - a[2]);
    return `hsl(${(a[1] + t * (b[1] - a[1])).toFixed(0)} ${dark ? 72 : 78}% ${l.toFixed(0)}%)`;
}

export const altitudeStep = (ft: number): number => Math.min(ALTITUDE_STEPS, Math.max(0, Math.round(ft / 2000)));

/** Named colours, [light, dark]. */
export const NAMED = {
    unknown: ['#5c6873', '#a0adb8'],
    ground: ['#6b5a4a', '#b9a793'],
    cargo: ['#0a7568', '#45cdb9'],
    tanker: ['#b3261e', '#ff8a80'],
    passenger: ['#0b63b5', '#5fb2ff'],
    fishing: ['#a65100', '#f2a35c'],
    service: ['#7a6a00', '#d9c64a'],
    pleasure: ['#8a2d8f', '#dd8fe2'],
    aid: ['#5c6873', '#a0adb8'],
    station: ['#9a4a00', '#f2a35c'],
    sonde: ['#a0195f', '#ff86bd'],
} as const;
export type ColourName = keyof typeof NAMED;

/** A colour by its key: a name, or `alt` and a step. */
export const colour = (key: string, dark: boolean): string =>
    key.startsWith('alt') ? altitudeColour(Number(key.slice(3)) * 2000, dark) : NAMED[key as ColourName][dark ? 1 : 0];
