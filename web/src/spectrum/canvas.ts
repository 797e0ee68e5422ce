// Canvases of the picture.

export function context(canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
    const ctx = canvas.getContext('2d', settings);
    if (!ctx)
        throw new Error('this browser has no 2D canvas');
    return ctx;
}

/** A canvas of device pixels that is drawn on in CSS pixels. */
export class Sheet {
    protected readonly ctx: CanvasRenderingContext2D;
    protected width = 0; // CSS pixels
    protected height = 0;

    constructor(private readonly canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings) {
        this.ctx = context(canvas, settings);
    }

    /** CSS pixels, and device pixels of one. */
    resize(width: number, height: number, ratio: number): void {
        this.width = width;
        this.height = height;
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(height * ratio);
        this.ctx.setTransform(this.canvas.width / width, 0, 0, this.canvas.height / height, 0, 0);
    }
}
