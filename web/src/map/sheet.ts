// A canvas over the whole map. While the view moves, what is drawn already is shifted and scaled by the
// browser where drawing it again would take too long.
import type { Camera } from './camera';
import { nearX } from './geo';

const QUICK_MS = 9, PATIENCE_MS = 90;

export class Sheet {
    readonly canvas: HTMLCanvasElement;
    readonly ctx: CanvasRenderingContext2D;
    stale = true;
    private drawn = { x: 0, y: 0, zoom: 0, at: -1e9, took: 0 };

    constructor(className: string, opaque = false) {
        this.canvas = document.createElement('canvas');
        this.canvas.className = className;
        this.canvas.setAttribute('aria-hidden', 'true');
        this.ctx = this.canvas.getContext('2d', { alpha: !opaque })!;
    }

    resize(width: number, height: number, ratio: number): void {
        const w = Math.max(1, Math.round(width * ratio)), hh = Math.max(1, Math.round(height * ratio));
        if (this.canvas.width === w && this.canvas.height === hh) return;
        this.canvas.width = w;
        this.canvas.height = hh;
        this.canvas.style.width = `${width}px`;
        this.canvas.style.height = `${height}px`;
        this.stale = true;
        this.drawn.at = -1e9;
    }

    private at(c: Camera): boolean {
        return c.x === this.drawn.x && c.y === this.drawn.y && c.zoom === this.drawn.zoom;
    }

    /** Draws it, or shifts it for now. True: it is as it must be. */
    update(c: Camera, moving: boolean, draw: (ctx: CanvasRenderingContext2D) => void): boolean {
        const here = this.at(c);
        if (here && !this.stale) return true;
        const now = performance.now();
        if (moving && this.drawn.took > QUICK_MS && now - this.drawn.at < Math.max(PATIENCE_MS, 3 * this.drawn.took)) {
            const k = 2 ** (c.zoom - this.drawn.zoom);
            const dx = (nearX(this.drawn.x, c.x) - c.x) * c.scale, dy = (this.drawn.y - c.y) * c.scale;
            this.canvas.style.transform = `translate(${dx}px, ${dy}px) scale(${k})`;
            return false;
        }
        draw(this.ctx);
        this.canvas.style.transform = '';
        this.stale = false;
        this.drawn = { x: c.x, y: c.y, zoom: c.zoom, at: now, took: performance.now() - now };
        return true;
    }
}
