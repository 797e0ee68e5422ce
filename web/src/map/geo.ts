// Places on the earth, and on the Web Mercator world: a square of 1 by 1, x from 180° W to the east, y from
// 85.05° N to the south. Angles in degrees, distances in metres.
const RAD = Math.PI / 180;
const EARTH_M = 6371008.8;
export const EQUATOR_M = 40075016.7; // around the world of Web Mercator
const MAX_LAT = 85.0511;

export interface LatLon {
    lat: number;
    lon: number;
}

export const worldX = (lon: number): number => (lon + 180) / 360;
export function worldY(lat: number): number {
    const s = Math.sin(Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * RAD);
    return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
}
export const lonOf = (x: number): number => (x - Math.floor(x)) * 360 - 180;
export const latOf = (y: number): number => Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) / RAD;

/** The copy of x (which repeats every 1) that is nearest to another x. */
export const nearX = (x: number, to: number): number => x - Math.round(x - to);

export function distance(a: LatLon, b: LatLon): number {
    const s = Math.sin(((b.lat - a.lat) * RAD) / 2) ** 2
        + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.sin(((b.lon - a.lon) * RAD) / 2) ** 2;
    return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(s)));
}

/** The direction from a to b, 0 to below 360, clockwise from north. */
export function bearing(a: LatLon, b: LatLon): number {
    const dl = (b.lon - a.lon) * RAD;
    const y = Math.sin(dl) * Math.cos(b.lat * RAD);
    const x = Math.cos(a.lat * RAD) * Math.sin(b.lat * RAD) - Math.sin(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.cos(dl);
    return (Math.atan2(y, x) / RAD + 360) % 360;
}

/** Where one is after so many metres in a direction. Its longitude is not wrapped: a ring stays closed. */
export function destination(from: LatLon, direction: number, metres: number): LatLon {
    const d = metres / EARTH_M, lat = from.lat * RAD, t = direction * RAD;
    const lat2 = Math.asin(Math.sin(lat) * Math.cos(d) + Math.cos(lat) * Math.sin(d) * Math.cos(t));
    const lon2 = Math.atan2(Math.sin(t) * Math.sin(d) * Math.cos(lat), Math.cos(d) - Math.sin(lat) * Math.sin(lat2));
    return { lat: lat2 / RAD, lon: from.lon + lon2 / RAD };
}

export const isPlace = (lat: unknown, lon: unknown): boolean =>
    typeof lat === 'number' && typeof lon === 'number' && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
