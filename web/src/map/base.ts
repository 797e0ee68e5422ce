// What does not move: sea, land, borders, graticule, range rings, coverage and the antennas. It is drawn on a
// canvas of its own, and again only when the view or one of these changes.
import { unitMetres, type Units } from '../format';
import type { Camera } from './camera';
import { FONT, type Palette } from './colours';
import type { Coverage } from './coverage';
import { destination, nearX, worldX, worldY, type LatLon } from './geo';
import type { Land } from './land';
import type { Prefs } from './prefs';
import type { Tiles } from './tiles';

export interface BaseView {
    camera: Camera;
    land: Land;
    tiles: Tiles | null;
    coverage: Coverage;
    places: Map<string, LatLon>;
    prefs: Prefs;
    palette: Palette;
    units: Units;
    ratio: number;
    /** Whether a channel's coverage is shown. */
    shows(protocol: string): boolean;
}

/** The largest of 1, 2, 5, 10, 20, … that is not above. */
export function nice(most: number): number {
    const ten = 10 ** Math.floor(Math.log10(most));
    return most / ten >= 5 ? 5 * ten : most / ten >= 2 ? 2 * ten : ten;
}

function graticule(ctx: CanvasRenderingContext2D, v: BaseView): void {
    const { camera: c } = v;
    const step = [30, 15, 10, 5, 2, 1, 0.5, 0.25, 0.1].find(s => (s / 360) * c.scale < 220) ?? 0.1;
    ctx.strokeStyle = v.palette.graticule;
    ctx.fillStyle = v.palette.ringText;
    ctx.lineWidth = 1;
    ctx.font = FONT;
    ctx.textAlign = 'right';
    ctx.beginPath();
    const digits = step < 1 ? (step === 0.25 ? 2 : 1) : 0;
    const left = c.placeAt(0, 0), right = (c.left + c.width / c.scale) * 360 - 180;
    for (let lon = Math.ceil((c.left * 360 - 180) / step) * step; lon <= right; lon += step) {
        const x = Math.round(((lon + 180) / 360 - c.left) * c.scale) + 0.5;
        ctx.moveTo(x, 0);
        ctx.lineTo(x, c.height);
    }
    const bottom = c.placeAt(0, c.height).lat;
    for (let lat = Math.ceil(bottom / step) * step; lat <= left.lat; lat += step) {
        const y = Math.round((worldY(lat) - c.top) * c.scale) + 0.5;
        ctx.moveTo(0, y);
        ctx.lineTo(c.width, y);
        ctx.fillText(`${Math.abs(lat).toFixed(digits)}°${lat < 0 ? 'S' : 'N'}`, c.width - 5, y - 3);
    }
    ctx.stroke();
    ctx.textAlign = 'left';
}

function ringPath(c: Camera, from: LatLon, points: Iterable<[direction: number, metres: number]>): Path2D {
    const path = new Path2D();
    const x0 = nearX(worldX(from.lon), c.x), shift = x0 - worldX(from.lon);
    for (const [direction, metres] of points) {
        const p = destination(from, direction, metres);
        path.lineTo((worldX(p.lon) + shift - c.left) * c.scale, (worldY(p.lat) - c.top) * c.scale);
    }
    path.closePath();
    return path;
}

function* circle(metres: number): Iterable<[number, number]> {
    for (let d = 0; d < 360; d += 3) yield [d, metres];
}

function rings(ctx: CanvasRenderingContext2D, v: BaseView, place: LatLon): void {
    const { camera: c } = v, [unit, name] = unitMetres(v.units);
    const step = nice((c.metresPerPixel * 130) / unit);
    if (step < 0.5) return;
    ctx.strokeStyle = v.palette.ring;
    ctx.fillStyle = v.palette.ringText;
    ctx.lineWidth = 1;
    ctx.font = FONT;
    ctx.textAlign = 'center';
    const most = Math.min(600_000 / unit, step * 8);
    for (let d = step; d <= most + 1e-9; d += step) {
        ctx.stroke(ringPath(c, place, circle(d * unit)));
        const p = destination(place, 0, d * unit);
        const x = c.screenX(worldX(p.lon)), y = c.screenY(worldY(p.lat));
        const text = `${d < 1 ? d.toFixed(1) : d} ${name}`;
        ctx.lineWidth = 4;
        ctx.strokeStyle = v.palette.labelBack;
        ctx.strokeText(text, x, y + 4);
        ctx.lineWidth = 1;
        ctx.strokeStyle = v.palette.ring;
        ctx.fillText(text, x, y + 4);
    }
    ctx.textAlign = 'left';
}

/** Whether the edges of two neighbours are joined: steps over half the map are noise while little was heard. */
const alike = (a: number, b: number): boolean => a > 0 && b > 0 && a / b < 1.6 && b / a < 1.6;

/** What each channel covers: wedges as far as it heard by direction, and their outer edge as a line. */
function coverage(ctx: CanvasRenderingContext2D, v: BaseView): void {
    const { camera: c } = v;
    let i = 0;
    for (const channel of v.coverage.channels) {
        const n = channel.sectors.length, place = v.places.get(channel.receiver);
        const colour = v.palette.coverage[i++ % v.palette.coverage.length]!;
        if (!n || !place || channel.max_m <= 0 || !v.shows(channel.protocol)) continue;
        const wide = 360 / n, fill = new Path2D(), edge = new Path2D();
        const shift = nearX(worldX(place.lon), c.x) - worldX(place.lon);
        const at = (direction: number, metres: number): [number, number] => {
            const p = destination(place, direction, metres);
            return [(worldX(p.lon) + shift - c.left) * c.scale, (worldY(p.lat) - c.top) * c.scale];
        };
        const middle = at(0, 0), first = channel.sectors[0]!;
        let before = 0; // how far the sector before reaches
        fill.moveTo(...middle);
        for (const { bearing, max_m } of channel.sectors) {
            if (max_m > 0)
                for (let k = 0; k <= 4; k++) {
                    const point = at(bearing + (wide * k) / 4, max_m);
                    fill.lineTo(...point);
                    if (k === 0 && !alike(before, max_m)) edge.moveTo(...point);
                    else edge.lineTo(...point);
                }
            else if (before > 0) fill.lineTo(...middle);
            before = max_m;
        }
        if (alike(before, first.max_m)) edge.lineTo(...at(first.bearing, first.max_m)); // all around
        ctx.globalAlpha = 0.05;
        ctx.fillStyle = colour;
        ctx.fill(fill);
        ctx.globalAlpha = 0.6;
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1.25;
        ctx.stroke(edge);
        ctx.globalAlpha = 1;
    }
}

function antennas(ctx: CanvasRenderingContext2D, v: BaseView): void {
    const drawn = new Set<string>();
    ctx.font = `600 ${FONT}`;
    for (const [name, place] of v.places) {
        const x = v.camera.screenX(worldX(place.lon)), y = v.camera.screenY(worldY(place.lat));
        const at = `${Math.round(x / 30)},${Math.round(y / 30)}`;
        ctx.fillStyle = v.palette.accent;
        ctx.strokeStyle = v.palette.halo;
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.arc(x, y, 5, 0, 7);
        ctx.stroke();
        ctx.fill();
        ctx.strokeStyle = v.palette.accent;
        ctx.lineWidth = 1.5;
        ctx.beginPath();
        ctx.arc(x, y, 9, 0, 7);
        ctx.stroke();
        if (drawn.has(at)) continue;
        drawn.add(at);
        ctx.lineWidth = 3;
        ctx.strokeStyle = v.palette.halo;
        ctx.strokeText(name, x + 13, y + 4);
        ctx.fillText(name, x + 13, y + 4);
    }
}

export function drawBase(ctx: CanvasRenderingContext2D, v: BaseView): void {
    const { camera: c, palette, prefs } = v;
    ctx.setTransform(v.ratio, 0, 0, v.ratio, 0, 0);
    ctx.fillStyle = palette.sea;
    ctx.fillRect(0, 0, c.width, c.height);
    const { scale, left, top, width, height, zoom } = c;
    if (v.tiles && prefs.tiles) v.tiles.draw(ctx, c);
    else v.land.draw(ctx, { scale, left, top, width, height, zoom, ratio: v.ratio }, palette, prefs.borders);
    if (prefs.graticule) graticule(ctx, v);
    if (prefs.coverage) coverage(ctx, v);
    const first = v.places.values().next().value;
    if (prefs.rings && first) rings(ctx, v, first);
    antennas(ctx, v);
}
