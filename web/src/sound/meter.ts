// The level of a channel as a bar: what is heard while it is played, else the signal over the noise as the
// status says it.
import { attr, h } from '../dom';

const LEAST_DB = -48;

export class Meter {
    private readonly bar = h('i');
    readonly el = h('div', { class: 'meter', role: 'meter', 'aria-label': 'Level', 'aria-valuemin': 0, 'aria-valuemax': 100 }, this.bar);
    private shown = 0;

    /** dB under full scale of sound. */
    sound(db: number): void {
        this.set((db - LEAST_DB) / -LEAST_DB, 'sound');
    }

    /** dB of a signal over the noise; undefined: not measured. */
    signal(db: number | undefined): void {
        this.set(db === undefined ? 0 : db / 40, 'signal');
    }

    private set(share: number, of: 'sound' | 'signal'): void {
        const next = Math.max(0, Math.min(1, share || 0));
        // Rises at once, falls slowly, as such instruments do.
        this.shown = Math.max(next, of === 'sound' ? this.shown - 0.04 : 0);
        this.bar.style.transform = `scaleX(${this.shown.toFixed(3)})`;
        attr(this.el, 'data-of', of);
        attr(this.el, 'aria-valuenow', String(Math.round(this.shown * 20) * 5));
    }
}
