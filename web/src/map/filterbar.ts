// The controls over the list: kinds with their counts, a search, and limits.
import { attr, h, text } from '../dom';
import { unitMetres, type Units } from '../format';
import { popover } from './chrome';
import { limits, type Filter } from './filter';
import { KINDS, KIND_WORDS, type Kind } from './target';

export class FilterBar {
    readonly el = h('div', { class: 'map-filter' });
    readonly search = h('input', { type: 'search', placeholder: 'Name, id, squawk, destination', 'aria-label': 'Search the targets', autocomplete: 'off', spellcheck: 'false' });
    private readonly kinds = new Map<Kind, { button: HTMLButtonElement; count: HTMLElement }>();
    private readonly more = h('button', { 'aria-haspopup': 'true' }, 'Limits');
    readonly end: () => void;

    constructor(private readonly filter: Filter, units: Units, private readonly changed: () => void) {
        const kinds = h('div', { class: 'map-kinds', role: 'group', 'aria-label': 'Kinds' });
        for (const kind of KINDS) {
            const count = h('b');
            const button = h('button', { class: `map-kind kind-${kind}`, onclick: () => {
                if (!filter.kinds.delete(kind)) filter.kinds.add(kind);
                this.update();
                changed();
            } }, KIND_WORDS[kind].many, count);
            this.kinds.set(kind, { button, count });
            kinds.append(button);
        }
        this.search.value = filter.text;
        this.search.addEventListener('input', () => {
            filter.text = this.search.value.trim();
            changed();
        });
        this.search.addEventListener('keydown', e => {
            if (e.key !== 'Escape' || !this.search.value) return;
            e.preventDefault();
            this.search.value = filter.text = '';
            changed();
        });
        const [metres, unit] = unitMetres(units), heightUnit = units === 'aeronautical' ? 'ft' : 'm', feet = units === 'aeronautical' ? 1 : 1 / 0.3048;
        const box = h('div', { class: 'map-menu panel map-limits', role: 'group', 'aria-label': 'Limits' },
            this.limit('Altitude from', heightUnit, 'minAltFt', feet), this.limit('Altitude to', heightUnit, 'maxAltFt', feet),
            this.limit('Within', unit, 'maxDistance', metres), this.limit('Heard within', 's', 'maxAge', 1),
            h('button', { onclick: () => {
                filter.minAltFt = filter.maxAltFt = filter.maxDistance = filter.maxAge = null;
                for (const input of box.querySelectorAll('input')) input.value = '';
                this.update();
                changed();
            } }, 'No limits'));
        this.end = popover(this.more, box);
        this.el.append(kinds, h('div', { class: 'map-search' }, this.search, this.more, box));
        this.update();
    }

    counts(counts: Record<Kind, number>): void {
        for (const [kind, { button, count }] of this.kinds) {
            text(count, String(counts[kind]));
            button.hidden = kind === 'sonde' && counts.sonde === 0 && this.filter.kinds.has('sonde'); // few hear them
        }
    }

    private limit(label: string, unit: string, key: 'minAltFt' | 'maxAltFt' | 'maxDistance' | 'maxAge', size: number): HTMLElement {
        const now = this.filter[key];
        const input = h('input', { type: 'number', min: 0, step: 'any', value: now === null ? '' : String(Math.round(now / size)), oninput: () => {
            const value = input.valueAsNumber;
            this.filter[key] = Number.isFinite(value) ? value * size : null;
            this.update();
            this.changed();
        } });
        return h('label', null, h('span', null, label), input, h('span', { class: 'muted' }, unit));
    }

    private update(): void {
        for (const [kind, { button }] of this.kinds) attr(button, 'aria-pressed', String(this.filter.kinds.has(kind)));
        const n = limits(this.filter);
        text(this.more, n ? `Limits (${n})` : 'Limits');
        attr(this.more, 'data-set', n ? '' : null);
    }
}
