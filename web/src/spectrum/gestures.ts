// Mouse, wheel and fingers on the spectrum and the waterfall. Positions are CSS pixels of the element.

export interface Gestures {
    /** The pointer is over it without a button; left: it left. */
    hover(x: number, y: number): void;
    left(): void;
    tap(x: number, y: number): void;
    /** Doubly. */
    closer(x: number): void;
    /** Dragged by so many pixels: to the right, and down. */
    drag(dx: number, dy: number): void;
    /** A range is being chosen; done: it was let go. */
    choose(x0: number, x1: number, done: boolean): void;
    /** factor < 1: closer, around x. */
    zoomAt(x: number, factor: number): void;
}

interface Finger {
    x: number;
    y: number;
}

const STILL_PX = 5; // less is a tap, not a drag

/** Listens on the element. chooses: whether a drag that begins at (x, y) chooses a range. */
export function listen(el: HTMLElement, to: Gestures, chooses: (x: number, y: number, event: PointerEvent) => boolean):
    () => void {
    const fingers = new Map<number, Finger>();
    const stop = new AbortController();
    const options = { signal: stop.signal };
    let start: Finger | undefined; // of a single pointer
    let moved = false;
    let choosing = false;
    let lastTap = { at: 0, x: 0, y: 0 };

    const place = (e: PointerEvent | WheelEvent): Finger => {
        const box = el.getBoundingClientRect();
        return { x: e.clientX - box.left, y: e.clientY - box.top };
    };
    const spread = (): { middle: number; gap: number; y: number } => {
        const [a, b] = [...fingers.values()] as [Finger, Finger];
        return { middle: (a.x + b.x) / 2, gap: Math.max(20, Math.hypot(a.x - b.x, a.y - b.y)), y: (a.y + b.y) / 2 };
    };

    // The buttons that lie on it have their own clicks.
    const onButton = (e: PointerEvent): boolean => e.target instanceof Element && e.target.closest('button') !== null;

    el.addEventListener('pointerdown', e => {
        if (e.button !== 0 || onButton(e)) return;
        const p = place(e);
        fingers.set(e.pointerId, p);
        el.setPointerCapture(e.pointerId);
        start = fingers.size === 1 ? p : undefined;
        if (fingers.size === 1) {
            moved = false;
            choosing = chooses(p.x, p.y, e);
        } else {
            moved = true;
            choosing = false;
        }
    }, options);

    el.addEventListener('pointermove', e => {
        const p = place(e);
        const before = fingers.get(e.pointerId);
        if (!before) {
            if (onButton(e)) to.left();
            else if (e.pointerType !== 'touch') to.hover(p.x, p.y);
            return;
        }
        if (fingers.size === 2) {
            const was = spread();
            fingers.set(e.pointerId, p);
            const is = spread();
            to.zoomAt(is.middle, was.gap / is.gap);
            to.drag(is.middle - was.middle, 0);
            return;
        }
        if (start && !moved && Math.hypot(p.x - start.x, p.y - start.y) < STILL_PX) return;
        fingers.set(e.pointerId, p);
        moved = true;
        if (choosing && start) to.choose(start.x, p.x, false);
        else to.drag(p.x - before.x, p.y - before.y);
    }, options);

    const end = (e: PointerEvent): void => {
        if (!fingers.delete(e.pointerId) || fingers.size > 0) return;
        const p = place(e);
        if (choosing && moved && start) {
            to.choose(start.x, p.x, e.type === 'pointerup');
        } else if (!moved && e.type === 'pointerup') {
            const twice = e.timeStamp - lastTap.at < 350 && Math.hypot(p.x - lastTap.x, p.y - lastTap.y) < 24;
            if (twice) to.closer(p.x);
            else to.tap(p.x, p.y);
            lastTap = { at: twice ? 0 : e.timeStamp, x: p.x, y: p.y };
        }
        choosing = false;
    };
    el.addEventListener('pointerup', end, options);
    el.addEventListener('pointercancel', end, options);
    el.addEventListener('pointerleave', e => {
        if (!fingers.has(e.pointerId) && e.pointerType !== 'touch') to.left();
    }, options);

    el.addEventListener('wheel', e => {
        e.preventDefault();
        const unit = e.deltaMode === 1 ? 20 : e.deltaMode === 2 ? 400 : 1;
        if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) to.drag(-(e.deltaX || e.deltaY) * unit, 0);
        else to.zoomAt(place(e).x, Math.exp(Math.max(-1, Math.min(1, (e.deltaY * unit) / 300))));
    }, { ...options, passive: false });

    return () => stop.abort();
}
