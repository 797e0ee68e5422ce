// Where labels go: beside their symbol, in the first of four places where nothing else is. Who had a place
// keeps it, so that labels do not jump.
import type { Camera } from './camera';
import type { Target } from './target';

const CELL = 6; // pixels of a cell of what is taken
const GAP = 11; // from the symbol's middle

export interface Size {
    width: number;
    height: number;
}

/** From the symbol's middle to the label's corner: right, left, below, above. */
export function offset(slot: number, label: Size): [x: number, y: number] {
    switch (slot) {
    case 0: return [GAP, -label.height / 2];
    case 1: return [-GAP - label.width, -label.height / 2];
    case 2: return [-label.width / 2, GAP];
    default: return [-label.width / 2, -GAP - label.height];
    }
}

class Taken {
    private readonly columns: number;
    private readonly rows: number;
    private readonly cells: Uint8Array;

    constructor(width: number, height: number) {
        this.columns = Math.ceil(width / CELL) + 1;
        this.rows = Math.ceil(height / CELL) + 1;
        this.cells = new Uint8Array(this.columns * this.rows);
    }

    /** Whether the box is free, and on the map; take: it is taken from now on. */
    box(x: number, y: number, w: number, h: number, take: boolean): boolean {
        const x0 = Math.floor(x / CELL), y0 = Math.floor(y / CELL), x1 = Math.floor((x + w) / CELL), y1 = Math.floor((y + h) / CELL);
        if (!take && (x0 < 0 || y0 < 0 || x1 >= this.columns || y1 >= this.rows)) return false;
        for (let r = Math.max(0, y0); r <= Math.min(this.rows - 1, y1); r++)
            for (let c = Math.max(0, x0); c <= Math.min(this.columns - 1, x1); c++) {
                if (take) this.cells[r * this.columns + c] = 1;
                else if (this.cells[r * this.columns + c]) return false;
            }
        return true;
    }
}

/** Gives each target its slot, or -1. shown: what is in view, with sx and sy; first: who comes before all. */
export function layout(shown: Target[], camera: Camera, size: (t: Target) => Size, first: (t: Target) => boolean): void {
    const taken = new Taken(camera.width, camera.height);
    for (const t of shown) taken.box(t.sx - 7, t.sy - 7, 14, 14, true);
    const most = (camera.width * camera.height) / 7000;
    const rank = (t: Target): number => (first(t) ? 0 : t.emergency ? 1 : t.slot >= 0 ? 2 : t.kind === 'aircraft' || t.name ? 3 : 4);
    const order = shown.map(t => ({ t, rank: rank(t) })).sort((a, b) => a.rank - b.rank);
    let given = 0, tries = 3 * most;
    for (const { t, rank: r } of order) {
        const before = t.slot;
        t.slot = -1;
        if ((given >= most || --tries < 0) && r > 1) continue;
        const label = size(t);
        for (const slot of before > 0 ? [before, 0, 1, 2, 3] : [0, 1, 2, 3]) {
            const [x, y] = offset(slot, label);
            if (!taken.box(t.sx + x, t.sy + y, label.width, label.height, false) && !(r === 0 && slot === 3)) continue;
            taken.box(t.sx + x, t.sy + y, label.width, label.height, true);
            t.slot = slot;
            given++;
            break;
        }
    }
}
