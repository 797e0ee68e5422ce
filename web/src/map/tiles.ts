// Pictures of a tile server in the place of the coastlines, where the daemon's configuration names one: the
// policy of the page allows no other host.
import type { Camera } from './camera';

const KEEP = 300;

export class Tiles {
    private readonly images = new Map<string, HTMLImageElement>(); // the oldest use first

    /** template: as https://tiles.example/{z}/{x}/{y}.png. loaded: a picture came. */
    constructor(readonly template: string, private readonly loaded: () => void) {}

    draw(ctx: CanvasRenderingContext2D, c: Camera): void {
        const z = Math.max(0, Math.min(19, Math.round(c.zoom))), side = 2 ** z, size = c.scale / side;
        const x1 = Math.floor((c.left + c.width / c.scale) * side), y1 = Math.min(side - 1, Math.floor((c.top + c.height / c.scale) * side));
        for (let y = Math.max(0, Math.floor(c.top * side)); y <= y1; y++)
            for (let x = Math.floor(c.left * side); x <= x1; x++) {
                const left = (x / side - c.left) * c.scale, top = (y / side - c.top) * c.scale;
                const image = this.get(z, ((x % side) + side) % side, y);
                if (image) ctx.drawImage(image, left, top, size + 0.5, size + 0.5);
                else this.parent(ctx, z, ((x % side) + side) % side, y, left, top, size);
            }
    }

    /** While a picture is on its way: the part of a coarser one that we have. */
    private parent(ctx: CanvasRenderingContext2D, z: number, x: number, y: number, left: number, top: number, size: number): void {
        for (let up = 1; up <= 4 && up <= z; up++) {
            const image = this.images.get(`${z - up}/${x >> up}/${y >> up}`);
            if (!image?.complete || !image.naturalWidth) continue;
            const part = image.naturalWidth / 2 ** up;
            ctx.drawImage(image, (x - ((x >> up) << up)) * part, (y - ((y >> up) << up)) * part, part, part, left, top, size + 0.5, size + 0.5);
            return;
        }
    }

    private get(z: number, x: number, y: number): HTMLImageElement | null {
        const key = `${z}/${x}/${y}`;
        let image = this.images.get(key);
        if (image) this.images.delete(key);
        else {
            image = new Image();
            image.onload = this.loaded;
            image.referrerPolicy = 'strict-origin-when-cross-origin'; // tile servers ask for it
            image.src = this.template.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y));
        }
        this.images.set(key, image);
        if (this.images.size > KEEP) this.images.delete(this.images.keys().next().value!);
        return image.complete && image.naturalWidth ? image : null;
    }
}
