// The list of targets beside the map: the same targets for those who cannot see or use a map. Only the rows
// in view are elements, so thousands cost nothing. One stop of the Tab key: arrows move within it.
import { attr, h, svg, text } from '../dom';
import { DASH, distance, height, speed, type Units } from '../format';
import { colour } from './colours';
import { SHAPES } from './shapes';
import { KIND_WORDS, type Target } from './target';

interface Column {
    key: string;
    title: string;
    value: (t: Target, now: number) => string | number | null; // to sort by
}

const COLUMNS: Column[] = [
    { key: 'name', title: 'Name', value: t => (t.name || t.id).toLowerCase() },
    { key: 'altitude', title: 'Alt', value: t => t.altFt },
    { key: 'speed', title: 'Speed', value: t => t.kt },
    { key: 'distance', title: 'Dist', value: t => t.distance },
    { key: 'age', title: 'Age', value: (t, now) => now - t.last },
];

interface RowElements {
    el: HTMLElement;
    symbol: SVGElement;
    path: SVGElement;
    cells: HTMLElement[];
    key: string;
    shape: string;
}

export interface ListOptions {
    sort: string;
    units: Units;
    select(t: Target): void;
    sorted(sort: string): void;
    dark(): boolean;
}

export function age(seconds: number): string {
    const s = Math.max(0, Math.floor(seconds));
    return s < 100 ? `${s}s` : s < 6000 ? `${Math.floor(s / 60)}m` : `${Math.floor(s / 3600)}h`;
}

export class List {
    readonly el = h('div', { class: 'map-list', role: 'grid', tabindex: 0, 'aria-label': 'Targets' });
    private readonly head = h('div', { role: 'row', class: 'map-row map-head' });
    private readonly body = h('div', { class: 'map-rows', role: 'rowgroup' });
    private readonly empty = h('p', { class: 'map-none muted', hidden: true }, 'No target passes the filter.');
    private readonly rowElements: RowElements[] = [];
    private targets: Target[] = [];
    private active = '';
    private selected = '';
    private column: Column;
    private down: boolean;
    private now = 0;

    constructor(private readonly options: ListOptions) {
        const [key, order] = options.sort.split('-');
        this.column = COLUMNS.find(c => c.key === key) ?? COLUMNS[3]!;
        this.down = order === 'down';
        this.head.append(...COLUMNS.map(c => h('span', { role: 'columnheader', class: `map-cell-${c.key}` },
            h('button', { class: 'map-sort', tabindex: -1, onclick: () => this.sortBy(c) }, c.title))));
        this.el.append(h('div', { role: 'rowgroup', class: 'map-headgroup' }, this.head), this.body, this.empty);
        this.el.addEventListener('scroll', () => this.draw());
        this.el.addEventListener('keydown', e => this.key(e));
        this.el.addEventListener('focus', () => {
            if (!this.active && this.targets[0]) this.active = this.selected || this.targets[0].key;
            this.draw();
        });
        this.marks();
    }

    /** All that pass the filter. */
    show(targets: Target[], selected: string, now: number): void {
        this.now = now;
        this.selected = selected;
        const value = new Map(targets.map(t => [t, this.column.value(t, now)]));
        const sign = this.down ? -1 : 1;
        this.targets = targets.sort((a, b) => {
            const x = value.get(a)!, y = value.get(b)!;
            if (x === null || y === null) return x === y ? (a.key < b.key ? -1 : 1) : x === null ? 1 : -1; // unknown last
            return x < y ? -sign : x > y ? sign : a.key < b.key ? -1 : 1;
        });
        this.empty.hidden = targets.length > 0;
        attr(this.el, 'aria-rowcount', String(targets.length + 1));
        this.draw();
    }

    /** Moves the list so that the target can be seen. */
    reveal(key: string): void {
        const i = this.targets.findIndex(t => t.key === key);
        if (i < 0) return;
        this.active = key;
        const high = this.rowHeight, top = i * high, room = this.el.clientHeight - this.head.offsetHeight;
        if (top < this.el.scrollTop) this.el.scrollTop = top;
        else if (top + high > this.el.scrollTop + room) this.el.scrollTop = top + high - room;
        this.draw();
    }

    sortBy(c: Column): void {
        this.down = this.column === c ? !this.down : c.key === 'altitude' || c.key === 'speed';
        this.column = c;
        this.marks();
        this.options.sorted(`${c.key}-${this.down ? 'down' : 'up'}`);
        this.show(this.targets, this.selected, this.now);
    }

    private marks(): void {
        COLUMNS.forEach((c, i) => attr(this.head.children[i]!, 'aria-sort', c === this.column ? (this.down ? 'descending' : 'ascending') : null));
    }

    private get rowHeight(): number {
        return matchMedia('(max-width: 720px)').matches ? 42 : 30;
    }

    private key(e: KeyboardEvent): void {
        const n = this.targets.length, page = Math.max(1, Math.floor(this.el.clientHeight / this.rowHeight) - 2);
        if (!n || e.ctrlKey || e.altKey || e.metaKey) return;
        const i = Math.max(0, this.targets.findIndex(t => t.key === this.active));
        const to = { ArrowDown: i + 1, ArrowUp: i - 1, PageDown: i + page, PageUp: i - page, Home: 0, End: n - 1 }[e.key];
        if (to !== undefined) this.reveal(this.targets[Math.max(0, Math.min(n - 1, to))]!.key);
        else if (e.key === 'Enter' || e.key === ' ') this.options.select(this.targets[i]!);
        else return;
        e.preventDefault();
    }

    private row(i: number): RowElements {
        let r = this.rowElements[i];
        if (r) return r;
        const path = svg('path', { 'fill-rule': 'evenodd' });
        const symbol = svg('svg', { class: 'map-symbol', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, path);
        const cells = COLUMNS.map(c => h('span', { role: 'gridcell', class: `map-cell-${c.key}` }));
        const el = h('div', { role: 'row', class: 'map-row', id: `target-${i}` }, cells);
        const label = h('span', { class: 'map-name' });
        cells[0]!.append(symbol, label);
        r = { el, symbol, path, cells: [label, ...cells.slice(1)], key: '', shape: '' };
        el.addEventListener('click', () => {
            const t = this.targets.find(x => x.key === this.rowElements[i]!.key);
            if (!t) return;
            this.active = t.key;
            this.options.select(t);
        });
        this.body.append(el);
        return (this.rowElements[i] = r);
    }

    private draw(): void {
        const high = this.rowHeight, { units } = this.options, dark = this.options.dark();
        this.body.style.height = `${this.targets.length * high}px`;
        const first = Math.max(0, Math.floor(this.el.scrollTop / high) - 3);
        const count = Math.min(this.targets.length - first, Math.ceil(this.el.clientHeight / high) + 6);
        let activeRow: string | null = null;
        for (let n = 0; n < Math.max(count, this.rowElements.length); n++) {
            const t = n < count ? this.targets[first + n] : undefined;
            if (!t) {
                const spare = this.rowElements[n];
                if (spare) spare.el.hidden = true;
                continue;
            }
            const r = this.row(n);
            r.el.hidden = false;
            r.key = t.key;
            r.el.style.transform = `translateY(${(first + n) * high}px)`;
            attr(r.el, 'aria-rowindex', String(first + n + 2));
            attr(r.el, 'aria-selected', String(t.key === this.selected));
            r.el.classList.toggle('active', t.key === this.active);
            r.el.classList.toggle('urgent', t.emergency !== '');
            r.el.classList.toggle('placeless', t.lat === null);
            r.el.classList.toggle('unreal', t.simulated || t.replayed);
            if (t.key === this.active) activeRow = r.el.id;
            const shape = `${t.shape} ${t.colour} ${dark}`;
            if (r.shape !== shape) {
                r.shape = shape;
                r.path.setAttribute('d', SHAPES[t.shape].path);
                r.path.setAttribute('fill', colour(t.colour, dark));
            }
            r.symbol.style.transform = t.angle ? `rotate(${Math.round(t.angle)}deg)` : '';
            text(r.cells[0]!, t.name || t.id);
            attr(r.cells[0]!, 'title', `${KIND_WORDS[t.kind].one} ${t.id}${t.simulated ? ', simulated' : t.replayed ? ', replayed' : ''}`);
            text(r.cells[1]!, t.altFt === null ? DASH : t.ground ? 'ground' : height(Math.round(t.altFt / 25) * 25, units));
            text(r.cells[2]!, t.kt === null ? DASH : speed(Math.round(t.kt), units));
            text(r.cells[3]!, t.distance === null ? DASH : distance(t.distance, units));
            text(r.cells[4]!, age(this.now - t.last));
        }
        attr(this.el, 'aria-activedescendant', activeRow);
    }
}
