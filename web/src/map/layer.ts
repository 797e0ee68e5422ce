// What moves: symbols, labels, the selected target's track; and, on a canvas of their own, the tracks of all.
import { height as heightText, speed as speedText, type Units } from '../format';
import type { Camera } from './camera';
import { altitudeStep, colour, type Palette } from './colours';
import { EQUATOR_M, nearX, worldX, worldY, type LatLon } from './geo';
import { layout, offset } from './labels';
import type { Prefs } from './prefs';
import { Sprites, TURNS } from './sprites';
import type { Kind, Target } from './target';

export interface LayerView {
    camera: Camera;
    targets: Iterable<Target>; // those that the filter lets through
    now: number; // UNIX s
    selected: string;
    hovered: string;
    prefs: Prefs;
    palette: Palette;
    dark: boolean;
    units: Units;
    ratio: number;
    /** The antenna that heard a target. */
    place(t: Target): LatLon | undefined;
}

const KNOT = 1852 / 3600; // m/s
/** How long a course and speed are believed, and from when to when a symbol fades. */
const BELIEVED_S: Record<Kind, number> = { aircraft: 20, ship: 120, station: 30, sonde: 20 };
const FADES_S: Record<Kind, [number, number]> = { aircraft: [20, 90], ship: [240, 900], station: [1800, 5400], sonde: [60, 600] };
export const MOST_TRACKS = 300; // targets in view, above which only the selected one's track is drawn
const LAYOUT_MS = 350;

export class Layer {
    shown: Target[] = []; // in view, the last drawn on top
    private sprites: Sprites | null = null;
    private spritesOf = '';
    private laidOut = -1e9;
    private laidOutZoom = 0;

    /** The result: seconds until something has moved by half a pixel. */
    draw(ctx: CanvasRenderingContext2D, v: LayerView): number {
        const { camera: c, ratio } = v;
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        ctx.clearRect(0, 0, c.width, c.height);
        const key = `${v.dark} ${ratio}`;
        if (!this.sprites || this.spritesOf !== key) {
            this.sprites = new Sprites(v.palette, v.dark, ratio);
            this.spritesOf = key;
            this.laidOut = -1e9;
        }
        const fastest = this.place(v);
        const chosen = this.shown.find(t => t.key === v.selected);
        if (chosen) this.drawChosen(ctx, v, chosen);
        this.drawSymbols(ctx, v);
        if (v.prefs.labels) this.drawLabels(ctx, v);
        return fastest > 0 ? 0.5 / fastest : 1;
    }

    /** Where each one is now on the screen. The result: pixels a second of the fastest. */
    private place(v: LayerView): number {
        const { camera: c, now } = v, scale = c.scale, left = c.left, top = c.top, perPixel = c.metresPerPixel;
        let fastest = 0;
        const shown: Target[] = [];
        for (const t of v.targets) {
            if (t.lat === null) continue;
            let x = t.x, y = t.y;
            if (v.prefs.predict && t.kt !== null && t.kt > 0.5 && t.course !== null) {
                const age = Math.min(now - t.positionTime, BELIEVED_S[t.kind]);
                if (age > 0) {
                    const world = (t.kt * KNOT * age) / (EQUATOR_M * Math.cos((t.lat * Math.PI) / 180));
                    x += world * Math.sin((t.course * Math.PI) / 180);
                    y -= world * Math.cos((t.course * Math.PI) / 180);
                }
                if (now - t.positionTime < BELIEVED_S[t.kind]) fastest = Math.max(fastest, (t.kt * KNOT) / perPixel);
            }
            t.sx = (nearX(x, c.x) - left) * scale;
            t.sy = (y - top) * scale;
            if (t.sx > -40 && t.sy > -40 && t.sx < c.width + 40 && t.sy < c.height + 40) shown.push(t);
        }
        const order = (t: Target): number => (t.key === v.selected ? 9 : t.emergency ? 8 : t.kind === 'aircraft' ? 3 : t.kind === 'sonde' ? 4 : t.kind === 'ship' ? 2 : 1);
        this.shown = shown.sort((a, b) => order(a) - order(b));
        return fastest;
    }

    private drawSymbols(ctx: CanvasRenderingContext2D, v: LayerView): void {
        const { ratio } = v;
        const scale = v.camera.zoom < 6 ? 0.7 : v.camera.zoom < 8.5 ? 0.85 : v.camera.zoom < 10.5 ? 1 : 1.15; // a port is crowded from afar
        let alpha = 1;
        ctx.setTransform(1, 0, 0, 1, 0, 0);
        // all symbols are made before the first is copied: to change the picture that they are in, once it
        // was copied from, copies the whole of it
        const symbols = this.shown.map(t => this.sprites!.symbol(t.shape, t.colour, t.angle ? Math.round((t.angle * TURNS) / 360) % TURNS : 0, scale));
        for (const [i, t] of this.shown.entries()) {
            const { image, x, y, size } = symbols[i]!;
            const [from, to] = FADES_S[t.kind], age = v.now - t.positionTime;
            const a = t.key === v.selected || age < from ? 1 : Math.max(0.35, 1 - (0.65 * (age - from)) / (to - from));
            if (a !== alpha) ctx.globalAlpha = alpha = a;
            // whole pixels: that is a copy without a filter
            ctx.drawImage(image, x, y, size, size, Math.round(t.sx * ratio - size / 2), Math.round(t.sy * ratio - size / 2), size, size);
        }
        ctx.globalAlpha = 1;
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        for (const t of this.shown) {
            if (!t.emergency) continue;
            ctx.strokeStyle = v.dark ? '#ff8080' : '#bb2020';
            ctx.lineWidth = 2.5;
            ctx.beginPath();
            ctx.arc(t.sx, t.sy, 18, 0, 7);
            ctx.stroke();
        }
    }

    private linesOf(t: Target, v: LayerView): string[] {
        const lines = [t.name || t.id];
        if (v.camera.zoom >= 8 || t.key === v.selected || t.key === v.hovered) {
            const parts: string[] = [];
            if (t.kind === 'aircraft' && t.altFt !== null) parts.push(t.ground ? 'ground' : heightText(t.altFt, v.units) + (t.climb !== null && Math.abs(t.climb) > 250 ? (t.climb > 0 ? ' ↑' : ' ↓') : ''));
            else if (t.kt !== null && t.kt > 0.5) parts.push(speedText(Math.round(t.kt), v.units));
            if (parts.length) lines.push(parts.join(' '));
        }
        return lines;
    }

    private drawLabels(ctx: CanvasRenderingContext2D, v: LayerView): void {
        const at = performance.now();
        const first = (t: Target): boolean => t.key === v.selected || t.key === v.hovered;
        if (at - this.laidOut > LAYOUT_MS || Math.abs(v.camera.zoom - this.laidOutZoom) > 0.02) {
            layout(this.shown, v.camera, t => this.sprites!.labelSize(this.linesOf(t, v)), first);
            this.laidOut = at;
            this.laidOutZoom = v.camera.zoom;
        }
        for (const t of this.shown) {
            if (t.slot < 0) continue;
            const label = this.sprites!.label(this.linesOf(t, v), t.key === v.selected), [x, y] = offset(t.slot, label);
            ctx.drawImage(label.image, Math.round((t.sx + x) * v.ratio) / v.ratio, Math.round((t.sy + y) * v.ratio) / v.ratio, label.width, label.height);
        }
    }

    /** The selected target: its whole track, a line to the antenna, a ring. */
    private drawChosen(ctx: CanvasRenderingContext2D, v: LayerView, t: Target): void {
        const { camera: c } = v;
        if (v.prefs.tracks !== 'none') {
            ctx.lineJoin = ctx.lineCap = 'round';
            for (const [width, fixed] of [[5, v.palette.halo], [2.5, '']] as const)
                for (const [key, path] of trackPaths([t], c, t)) {
                    ctx.lineWidth = width;
                    ctx.strokeStyle = fixed || colour(key, v.dark);
                    ctx.stroke(path);
                }
        }
        const place = v.place(t);
        if (place) {
            ctx.setLineDash([3, 5]);
            ctx.lineWidth = 1.25;
            ctx.strokeStyle = v.palette.accent;
            ctx.beginPath();
            ctx.moveTo(c.screenX(worldX(place.lon)), c.screenY(worldY(place.lat)));
            ctx.lineTo(t.sx, t.sy);
            ctx.stroke();
            ctx.setLineDash([]);
        }
        ctx.strokeStyle = v.palette.accent;
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.arc(t.sx, t.sy, 19, 0, 7);
        ctx.stroke();
    }

    /** The tracks of all in view, if they are not too many. */
    drawTracks(ctx: CanvasRenderingContext2D, v: LayerView): void {
        const { camera: c, ratio } = v;
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        ctx.clearRect(0, 0, c.width, c.height);
        if (v.prefs.tracks !== 'all' || this.shown.length > MOST_TRACKS) return;
        ctx.lineJoin = ctx.lineCap = 'round';
        ctx.lineWidth = 1.5;
        ctx.globalAlpha = 0.55;
        for (const [key, path] of trackPaths(this.shown.filter(t => t.key !== v.selected), c)) {
            ctx.strokeStyle = colour(key, v.dark);
            ctx.stroke(path);
        }
        ctx.globalAlpha = 1;
    }

    /** The topmost target near a pixel. */
    hit(x: number, y: number, within: number): Target | null {
        let best: Target | null = null, near = within;
        for (const t of this.shown) {
            const d = Math.hypot(t.sx - x, t.sy - y);
            if (d <= near) [best, near] = [t, d];
        }
        return best;
    }
}

/** One path a colour. to: the target whose track ends where it is drawn now. */
function trackPaths(targets: Target[], c: Camera, to?: Target): Map<string, Path2D> {
    const paths = new Map<string, Path2D>(), { scale, left, top, x: middle } = c; // there may be thousands of points
    const pathOf = (key: string): Path2D => {
        let path = paths.get(key);
        if (!path) paths.set(key, (path = new Path2D()));
        return path;
    };
    for (const t of targets) {
        let x0 = 0, y0 = 0, pen = '';
        t.track.forEach(([, lat, lon, alt], i) => {
            const x = (nearX(worldX(lon), middle) - left) * scale, y = (worldY(lat) - top) * scale;
            const last = i === t.track.length - 1;
            if (i > 0 && Math.abs(x - x0) + Math.abs(y - y0) < 2 && !last) return;
            if (i > 0 && Math.abs(x - x0) < c.width * 2) {
                const key = t.kind !== 'aircraft' ? t.colour : alt === null ? (t.ground ? 'ground' : 'unknown') : `alt${altitudeStep(alt)}`;
                const path = pathOf(key);
                if (pen !== key) path.moveTo(x0, y0);
                path.lineTo(x, y);
                pen = key;
            } else {
                pen = '';
            }
            [x0, y0] = [x, y];
        });
        if (t.track.length && t.lat !== null) {
            const path = pathOf(t.colour);
            path.moveTo(x0, y0);
            if (to) path.lineTo(to.sx, to.sy);
            else path.lineTo(c.screenX(t.x), c.screenY(t.y));
        }
    }
    return paths;
}
