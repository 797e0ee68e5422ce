// Symbols and labels as small pictures, each drawn once: to copy a picture costs a tenth of drawing its path.
import { FONT, colour, type Palette } from './colours';
import { SHAPES, type ShapeName } from './shapes';

const PAD = 3; // around a symbol, for its halo
const LABELS = 600;
const ATLAS = 1024; // pixels of a side
export const TURNS = 48;
const STRONG = `600 ${FONT}`;
const LINE_PX = 13;

export interface Sprite {
    image: HTMLCanvasElement;
    width: number; // in pixels of the page
    height: number;
}

/** A part of a picture that holds many: device pixels. */
export interface Symbol {
    image: HTMLCanvasElement;
    x: number;
    y: number;
    size: number;
}

function canvas(width: number, height: number, ratio: number): [Sprite, CanvasRenderingContext2D] {
    const image = document.createElement('canvas');
    image.width = Math.ceil(width * ratio);
    image.height = Math.ceil(height * ratio);
    const ctx = image.getContext('2d')!;
    ctx.scale(ratio, ratio);
    return [{ image, width: image.width / ratio, height: image.height / ratio }, ctx];
}

export class Sprites {
    private readonly symbols = new Map<string, Symbol>();
    private atlas: CanvasRenderingContext2D | null = null;
    private left = 0; // of the next symbol in the atlas
    private top = 0;
    private row = 0; // its height
    private readonly labels = new Map<string, Sprite>();

    private readonly widths = new Map<string, number>();
    private readonly ruler = canvas(1, 1, 1)[1];

    constructor(private readonly palette: Palette, private readonly dark: boolean, private readonly ratio: number) {
        this.ruler.font = STRONG;
    }

    /** A symbol, turned by a multiple of 360/TURNS degrees. It is drawn once: turning it each time costs more. */
    symbol(shape: ShapeName, key: string, turn: number, scale: number): Symbol {
        const name = `${shape} ${key} ${turn} ${scale}`;
        let s = this.symbols.get(name);
        if (s) return s;
        const { path } = SHAPES[shape], size = SHAPES[shape].size * scale, k = size / 24, cell = Math.ceil((size * 1.15 + 2 * PAD) * this.ratio);
        if (!this.atlas || this.left + cell > ATLAS) this.nextRow();
        if (this.top + cell > ATLAS) this.newAtlas();
        this.row = Math.max(this.row, cell);
        s = { image: this.atlas!.canvas, x: this.left, y: this.top, size: cell };
        this.left += cell + 1;
        const ctx = this.atlas!, p = new Path2D(path), r = this.ratio * k;
        ctx.setTransform(1, 0, 0, 1, s.x + cell / 2, s.y + cell / 2);
        ctx.rotate((turn * 2 * Math.PI) / TURNS);
        ctx.scale(r, r);
        ctx.translate(-12, -12);
        ctx.lineJoin = 'round';
        ctx.strokeStyle = this.palette.halo;
        ctx.lineWidth = 3 / k;
        ctx.stroke(p);
        ctx.fillStyle = colour(key, this.dark);
        ctx.fill(p, 'evenodd');
        this.symbols.set(name, s);
        return s;
    }

    private nextRow(): void {
        if (!this.atlas) this.newAtlas();
        this.left = 0;
        this.top += this.row + 1;
        this.row = 0;
    }

    private newAtlas(): void {
        const image = document.createElement('canvas');
        image.width = image.height = ATLAS;
        this.atlas = image.getContext('2d')!;
        this.left = this.top = this.row = 0;
    }

    /** The size of a label, without making it. */
    labelSize(lines: string[]): { width: number; height: number } {
        let width = 0;
        for (const line of lines) {
            let w = this.widths.get(line);
            if (w === undefined) {
                if (this.widths.size > 4 * LABELS) this.widths.clear();
                this.widths.set(line, (w = this.ruler.measureText(line).width));
            }
            width = Math.max(width, w);
        }
        return { width: width + 8, height: lines.length * LINE_PX + 3 };
    }

    /** One line, or two with the second one fainter. */
    label(lines: string[], strong: boolean): Sprite {
        const name = `${strong ? '!' : ''}${lines.join('\n')}`;
        let s = this.labels.get(name);
        if (s) return s;
        if (this.labels.size >= LABELS) this.labels.clear();
        const size = this.labelSize(lines), [made, ctx] = canvas(size.width, size.height, this.ratio);
        ctx.fillStyle = strong ? this.palette.accent : this.palette.labelBack;
        ctx.beginPath();
        ctx.roundRect(0, 0, made.width, made.height, 3);
        ctx.fill();
        lines.forEach((line, i) => {
            ctx.font = i === 0 ? STRONG : FONT;
            ctx.fillStyle = strong ? this.palette.halo : i === 0 ? this.palette.label : this.palette.ringText;
            ctx.fillText(line, 4, (i + 1) * LINE_PX - 2);
        });
        this.labels.set(name, (s = made));
        return s;
    }
}
