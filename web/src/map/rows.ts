// A list of terms and values that changes in place, so that a text that is being selected stays.
import { h, text } from '../dom';
import type { Row } from './fields';

export class Rows {
    readonly el = h('dl', { class: 'map-fields' });
    private readonly parts = new Map<string, { term: HTMLElement; value: HTMLElement }>();

    show(rows: Row[]): void {
        const wanted = new Set(rows.map(r => r.key));
        for (const [key, { term, value }] of this.parts)
            if (!wanted.has(key)) {
                term.remove();
                value.remove();
                this.parts.delete(key);
            }
        let after: Element | null = null;
        for (const { key, label, value } of rows) {
            let part = this.parts.get(key);
            if (!part) {
                part = { term: h('dt', null, label), value: h('dd') };
                if (after) after.after(part.term, part.value);
                else this.el.prepend(part.term, part.value);
                this.parts.set(key, part);
            }
            text(part.value, value);
            after = part.value;
        }
    }
}
