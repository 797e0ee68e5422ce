// Coastlines and borders: the tiles that tools/land.mjs made. A tile's lines become paths when it is first
// drawn; moving and zooming then only changes the canvas's transform.

interface Tile {
    x: number;
    y: number;
    rings: Int16Array[];
    borders: Int16Array[];
    paths?: { fill: Path2D; coast: Path2D; borders: Path2D };
}

interface Level {
    z: number;
    from: number; // zoom from which it is drawn
    extent: number; // units of a tile's side
    margin: number; // by how much its lines reach over
    tiles: Map<number, Tile>;
}

export interface LandColours {
    land: string;
    coast: string;
    border: string;
}

function decode(data: Uint8Array): Level[] {
    let at = 0;
    const u8 = (): number => data[at++]!;
    const u16 = (): number => u8() | (u8() << 8);
    const varint = (): number => {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
            const b = u8();
            value |= (b & 127) << shift;
            if (b < 128) return value >>> 0;
        }
    };
    const delta = (): number => {
        const v = varint();
        return (v >>> 1) ^ -(v & 1);
    };
    const lines = (): Int16Array[] => Array.from({ length: varint() }, () => {
        const n = varint(), points = new Int16Array(2 * n);
        for (let i = 0, x = 0, y = 0; i < n; i++) {
            points[2 * i] = x += delta();
            points[2 * i + 1] = y += delta();
        }
        return points;
    });
    if (String.fromCharCode(u8(), u8(), u8(), u8()) !== 'HZL1') throw new Error('not a file of coastlines');
    return Array.from({ length: u8() }, () => {
        const level: Level = { z: u8(), from: u8(), extent: u16(), margin: u16(), tiles: new Map() };
        for (let n = u16(); n > 0; n--) {
            const tile: Tile = { x: u8(), y: u8(), rings: lines(), borders: lines() };
            level.tiles.set(tile.x + (tile.y << level.z), tile);
        }
        return level;
    });
}

function paths(tile: Tile, level: Level): NonNullable<Tile['paths']> {
    const fill = new Path2D(), coast = new Path2D(), borders = new Path2D();
    const low = -level.margin, high = level.extent + level.margin;
    // what runs along the outer edge of a tile is where it was cut, not a coast
    const cut = (a: number, b: number): boolean => a === b && (a === low || a === high);
    for (const p of tile.rings) {
        let pen = false; // whether the coast's path is at the point before
        for (let i = 0; i < p.length; i += 2) {
            const x = p[i]!, y = p[i + 1]!;
            if (i === 0) fill.moveTo(x, y);
            else fill.lineTo(x, y);
            const j = (i + 2) % p.length, x2 = p[j]!, y2 = p[j + 1]!;
            if (cut(x, x2) || cut(y, y2)) {
                pen = false;
                continue;
            }
            if (!pen) coast.moveTo(x, y);
            coast.lineTo(x2, y2);
            pen = true;
        }
        fill.closePath();
    }
    for (const p of tile.borders)
        for (let i = 0; i < p.length; i += 2) {
            if (i === 0) borders.moveTo(p[i]!, p[i + 1]!);
            else borders.lineTo(p[i]!, p[i + 1]!);
        }
    tile.rings = tile.borders = []; // the paths have it
    return { fill, coast, borders };
}

export class Land {
    private levels: Level[] = [];

    add(data: ArrayBuffer): void {
        this.levels.push(...decode(new Uint8Array(data)));
        this.levels.sort((a, b) => b.from - a.from);
    }

    /**
     * Draws what is in view. scale: pixels of the world's side; left, top: the world's coordinates of the
     * canvas's corner; ratio: device pixels to a pixel.
     */
    draw(ctx: CanvasRenderingContext2D, view: { scale: number; left: number; top: number; width: number; height: number; zoom: number; ratio: number },
        colours: LandColours, withBorders: boolean): void {
        const level = this.levels.find(l => view.zoom >= l.from) ?? this.levels.at(-1);
        if (!level) return;
        const side = 2 ** level.z;
        const x0 = Math.floor(view.left * side), x1 = Math.floor((view.left + view.width / view.scale) * side);
        const y0 = Math.max(0, Math.floor(view.top * side)), y1 = Math.min(side - 1, Math.floor((view.top + view.height / view.scale) * side));
        const k = view.scale / side / level.extent; // pixels of a unit
        const shown: [NonNullable<Tile['paths']>, number, number][] = [];
        for (let y = y0; y <= y1; y++)
            for (let x = x0; x <= x1; x++) {
                const tile = level.tiles.get((((x % side) + side) % side) + (y << level.z));
                if (!tile) continue;
                tile.paths ??= paths(tile, level);
                shown.push([tile.paths, (x / side - view.left) * view.scale, (y / side - view.top) * view.scale]);
            }
        const each = (draw: (p: NonNullable<Tile['paths']>) => void): void => {
            for (const [p, x, y] of shown) {
                ctx.setTransform(view.ratio * k, 0, 0, view.ratio * k, view.ratio * x, view.ratio * y);
                draw(p);
            }
            ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
        };
        ctx.lineJoin = 'round';
        ctx.fillStyle = colours.land;
        each(p => ctx.fill(p.fill, 'evenodd'));
        if (withBorders) {
            ctx.strokeStyle = colours.border;
            ctx.lineWidth = 1 / k;
            each(p => ctx.stroke(p.borders));
        }
        ctx.strokeStyle = colours.coast;
        ctx.lineWidth = 1 / k;
        each(p => ctx.stroke(p.coast));
    }
}
