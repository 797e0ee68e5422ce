// Mouse, touch, pen and wheel on the map: pan, zoom, pinch, tap.
import type { Camera } from './camera';

const TAP_PX = 6; // what moved less was a tap

export interface Taps {
    tap(x: number, y: number, touch: boolean): void;
    /** The mouse is there; null: it left. */
    hover(at: { x: number; y: number } | null): void;
}

/** The result ends it. */
export function listen(el: HTMLElement, camera: Camera, taps: Taps): () => void {
    const fingers = new Map<number, { x: number; y: number }>();
    const ended = new AbortController(), { signal } = ended;
    let moved = 0, lastTap = 0, glide = 0;
    let speed = { x: 0, y: 0, at: 0 };

    const local = (e: MouseEvent): { x: number; y: number } => {
        const box = el.getBoundingClientRect();
        return { x: e.clientX - box.left, y: e.clientY - box.top };
    };
    const span = (): { x: number; y: number; d: number } => {
        const [a, b] = [...fingers.values()] as [{ x: number; y: number }, { x: number; y: number }];
        return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, d: Math.hypot(a.x - b.x, a.y - b.y) };
    };

    el.addEventListener('pointerdown', e => {
        if (e.button !== 0) return;
        cancelAnimationFrame(glide);
        el.setPointerCapture(e.pointerId);
        fingers.set(e.pointerId, local(e));
        if (fingers.size === 1) moved = 0;
        speed = { x: 0, y: 0, at: e.timeStamp };
    }, { signal });

    el.addEventListener('pointermove', e => {
        const now = local(e), before = fingers.get(e.pointerId);
        if (!before) {
            if (e.pointerType === 'mouse') taps.hover(now);
            return;
        }
        if (fingers.size === 1) {
            const dx = before.x - now.x, dy = before.y - now.y;
            moved += Math.hypot(dx, dy);
            fingers.set(e.pointerId, now);
            if (moved < TAP_PX) return;
            camera.panBy(dx, dy);
            const dt = Math.max(1, e.timeStamp - speed.at);
            speed = { x: speed.x * 0.6 + (dx / dt) * 0.4, y: speed.y * 0.6 + (dy / dt) * 0.4, at: e.timeStamp };
        } else if (fingers.size === 2) {
            const was = span();
            fingers.set(e.pointerId, now);
            const is = span();
            moved = TAP_PX;
            camera.panBy(was.x - is.x, was.y - is.y);
            if (was.d > 8) camera.zoomAt(is.x, is.y, camera.zoom + Math.log2(is.d / was.d));
        }
    }, { signal });

    const up = (e: PointerEvent): void => {
        const at = fingers.get(e.pointerId);
        if (!at) return;
        fingers.delete(e.pointerId);
        if (fingers.size > 0 || e.type === 'pointercancel') return;
        if (moved < TAP_PX) {
            if (e.timeStamp - lastTap < 300 && e.pointerType !== 'mouse') camera.zoomAt(at.x, at.y, camera.zoom + 1);
            else taps.tap(at.x, at.y, e.pointerType !== 'mouse');
            lastTap = e.timeStamp;
        } else if (e.timeStamp - speed.at < 60 && Math.hypot(speed.x, speed.y) > 0.3 && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
            let last = performance.now();
            const slide = (t: number): void => {
                const dt = Math.min(50, Math.max(1, t - last)), slow = Math.exp(-dt / 160);
                last = t;
                camera.panBy(speed.x * dt, speed.y * dt);
                speed = { x: speed.x * slow, y: speed.y * slow, at: 0 };
                if (Math.hypot(speed.x, speed.y) > 0.02) glide = requestAnimationFrame(slide);
            };
            glide = requestAnimationFrame(slide);
        }
    };
    el.addEventListener('pointerup', up, { signal });
    el.addEventListener('pointercancel', up, { signal });
    el.addEventListener('pointerleave', () => taps.hover(null), { signal });
    el.addEventListener('dblclick', e => {
        const { x, y } = local(e);
        camera.zoomAt(x, y, camera.zoom + (e.shiftKey ? -1 : 1));
    }, { signal });
    el.addEventListener('wheel', e => {
        e.preventDefault();
        cancelAnimationFrame(glide);
        const { x, y } = local(e), lines = e.deltaMode === 1 ? 20 : e.deltaMode === 2 ? 400 : 1;
        camera.zoomAt(x, y, camera.zoom - Math.max(-1, Math.min(1, e.deltaY * lines * (e.ctrlKey ? 0.02 : 0.004))));
    }, { signal, passive: false });

    return () => {
        ended.abort();
        cancelAnimationFrame(glide);
    };
}
