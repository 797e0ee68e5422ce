// What part of the world is seen: its middle, its zoom, and the size of the map in pixels. At zoom 0 the
// world is 256 pixels wide; each step doubles it.
import { Emitter } from '../emitter';
import { EQUATOR_M, lonOf, latOf, nearX, worldX, worldY, type LatLon } from './geo';

const MIN_ZOOM = 1.5, MAX_ZOOM = 17;

export class Camera extends Emitter<{ change: void; rest: void }> {
    x = worldX(10); // of the middle
    y = worldY(50);
    zoom = 4;
    width = 1;
    height = 1;
    /** A person has chosen this part: nothing else may move it but `follow`. */
    touched = false;
    private animation = 0;
    private resting = 0;

    get scale(): number {
        return 256 * 2 ** this.zoom;
    }
    get left(): number {
        return this.x - this.width / 2 / this.scale;
    }
    get top(): number {
        return this.y - this.height / 2 / this.scale;
    }
    get middle(): LatLon {
        return { lat: latOf(this.y), lon: lonOf(this.x) };
    }
    screenX(x: number): number {
        return (nearX(x, this.x) - this.left) * this.scale;
    }
    screenY(y: number): number {
        return (y - this.top) * this.scale;
    }
    placeAt(px: number, py: number): LatLon {
        return { lat: latOf(this.top + py / this.scale), lon: lonOf(this.left + px / this.scale) };
    }
    /** Metres of a pixel in the middle of the map. */
    get metresPerPixel(): number {
        return (EQUATOR_M * Math.cos((latOf(this.y) * Math.PI) / 180)) / this.scale;
    }

    resize(width: number, height: number): void {
        this.width = Math.max(1, width);
        this.height = Math.max(1, height);
        this.set(this.x, this.y, this.zoom);
    }

    /** The zoom that is nearest to it: the world is at least as high as the map. */
    private allowed(zoom: number): number {
        return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, Math.log2(this.height / 256), zoom));
    }

    set(x: number, y: number, zoom: number): void {
        this.zoom = this.allowed(zoom);
        const half = this.height / 2 / this.scale;
        this.x = x - Math.floor(x);
        this.y = Math.min(1 - half, Math.max(half, y));
        this.emit('change', undefined);
        clearTimeout(this.resting);
        this.resting = window.setTimeout(() => this.emit('rest', undefined), 250);
    }

    panBy(px: number, py: number): void {
        this.stop();
        this.touched = true;
        this.set(this.x + px / this.scale, this.y + py / this.scale, this.zoom);
    }

    /** Zooms so that the place under the pixel stays there. */
    zoomAt(px: number, py: number, zoom: number): void {
        this.stop();
        this.touched = true;
        const wx = this.left + px / this.scale, wy = this.top + py / this.scale;
        const z = this.allowed(zoom), scale = 256 * 2 ** z;
        this.set(wx - (px - this.width / 2) / scale, wy - (py - this.height / 2) / scale, z);
    }

    stop(): void {
        cancelAnimationFrame(this.animation);
        this.animation = 0;
    }

    end(): void {
        this.stop();
        clearTimeout(this.resting);
    }

    /** Moves there within a third of a second, or at once for who wants less motion. */
    moveTo(x: number, y: number, zoom: number): void {
        this.stop();
        const far = Math.hypot(nearX(x, this.x) - this.x, y - this.y) * this.scale > 4 * this.width;
        if (far || matchMedia('(prefers-reduced-motion: reduce)').matches) {
            this.set(x, y, zoom);
            return;
        }
        const from = { x: this.x, y: this.y, zoom: this.zoom }, to = nearX(x, this.x), begin = performance.now();
        const step = (now: number): void => {
            const t = Math.min(1, Math.max(0, now - begin) / 320), e = 1 - (1 - t) ** 3;
            this.set(from.x + (to - from.x) * e, from.y + (y - from.y) * e, from.zoom + (zoom - from.zoom) * e);
            this.animation = t < 1 ? requestAnimationFrame(step) : 0;
        };
        this.animation = requestAnimationFrame(step);
    }

    /** Where the camera must be to see all of these, with room around. Null: there are none. */
    fit(places: LatLon[], most = 11): { x: number; y: number; zoom: number } | null {
        const first = places[0];
        if (!first) return null;
        const x0 = worldX(first.lon), xs = places.map(p => nearX(worldX(p.lon), x0)), ys = places.map(p => worldY(p.lat));
        const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys);
        const room = 0.86, wide = Math.max(right - left, 1e-6), high = Math.max(bottom - top, 1e-6);
        const zoom = Math.min(Math.log2((this.width * room) / 256 / wide), Math.log2((this.height * room) / 256 / high), most);
        return { x: (left + right) / 2, y: (top + bottom) / 2, zoom };
    }
}
