// The rows that can be seen, of thousands: the newest on top. It follows while it stands at the top; where a
// person has scrolled to, it stays.
import { attr, fill, h, text } from '../dom';
import { badge } from '../parts';
import type { Row } from './messages-log';

export interface Cells {
    time: string;
    protocol: string;
    channel: string;
    id: string;
    name: string;
    text: string;
    snr: string;
}

interface Source {
    rows(): Row[]; // the oldest first
    cells(row: Row): Cells;
    open(row: Row): void;
    isOpen(row: Row): boolean;
}

const OVER = 6; // rows beyond the edges
const DRAW_MS = 120;
const POINT_MS = 2500;

class Slot {
    readonly time = h('span', { role: 'gridcell', class: 'c-time' });
    readonly proto = h('span', { role: 'gridcell', class: 'c-proto' });
    readonly channel = h('span', { role: 'gridcell', class: 'c-channel' });
    readonly id = h('span', { class: 'mono' });
    readonly name = h('span', { class: 'c-name' });
    readonly who = h('span', { role: 'gridcell', class: 'c-who' }, this.id, this.name);
    readonly text = h('span', { role: 'gridcell', class: 'c-text' });
    readonly snr = h('span', { role: 'gridcell', class: 'c-snr' });
    readonly el = h('div', { role: 'row', class: 'row' }, this.time, this.proto, this.channel, this.who, this.text, this.snr);
    row: Row | null = null;
    protocol = '';

    show(row: Row, cells: Cells | null): void {
        this.row = row;
        attr(this.el, 'data-note', cells ? null : '');
        text(this.time, cells?.time ?? '');
        if (this.protocol !== (cells?.protocol ?? '')) {
            this.protocol = cells?.protocol ?? '';
            fill(this.proto, this.protocol && badge(this.protocol));
        }
        text(this.channel, cells?.channel ?? '');
        text(this.id, cells?.id ?? '');
        text(this.name, cells?.name ?? '');
        text(this.text, cells?.text ?? row.note);
        text(this.snr, cells?.snr ?? '');
    }
}

export class MessageTable {
    private readonly spacer = h('div', { class: 'spacer', role: 'rowgroup' });
    private readonly scroller: HTMLElement;
    readonly newer = h('button', { class: 'newer', hidden: true });
    readonly el: HTMLElement;
    private readonly slots: Slot[] = [];
    private current: Row | null = null;
    private newest: Row | undefined;
    private unread = 0;
    private followed = false; // it stands because of the pointer, and follows again after
    private timer = 0;
    private pointing = 0; // timer: somebody points at a row, which then stays under the pointer
    private rowHeight = 32;
    private readonly resized = new ResizeObserver(() => this.measure());

    constructor(private readonly source: Source) {
        const head = h('div', { role: 'row', class: 'row head' }, [['time', 'Time'], ['proto', 'Protocol'], ['channel', 'Channel'], ['who', 'Who'], ['text', 'What'], ['snr', 'SNR']]
            .map(([name, title]) => h('span', { role: 'columnheader', class: `c-${name}` }, title!)));
        this.scroller = h('div', { class: 'scroller', role: 'grid', tabindex: '0', 'aria-label': 'Messages, the newest first', onscroll: () => this.follow(), onwheel: () => (this.followed = false) },
            h('div', { role: 'rowgroup', class: 'headgroup' }, head), this.spacer);
        this.el = h('div', { class: 'table' }, this.scroller, this.newer);
        this.newer.addEventListener('click', () => this.top());
        this.spacer.addEventListener('click', e => {
            const slot = this.slots.find(s => s.el.contains(e.target as Node));
            if (slot?.row?.message) this.choose(slot.row, true);
        });
        this.scroller.addEventListener('keydown', e => this.key(e));
        for (const event of ['pointermove', 'pointerdown'] as const) this.spacer.addEventListener(event, () => this.point());
        this.spacer.addEventListener('pointerleave', () => this.pointing && this.release());
        this.resized.observe(this.scroller);
    }

    end(): void {
        this.resized.disconnect();
        clearTimeout(this.timer);
        clearTimeout(this.pointing);
    }

    /** Draws soon: some times a second are enough to read. */
    changed(): void {
        this.timer ||= window.setTimeout(() => {
            this.timer = 0;
            this.follow();
        }, DRAW_MS);
    }

    /** Rows that move cannot be hit: they stand while the pointer moves over them. */
    private point(): void {
        clearTimeout(this.pointing);
        this.pointing = window.setTimeout(() => this.release(), POINT_MS);
    }

    private release(): void {
        clearTimeout(this.pointing);
        this.pointing = 0;
        if (this.followed) this.top();
    }

    focus(): void {
        this.scroller.focus();
    }

    top(): void {
        this.scroller.scrollTop = 0;
        this.unread = 0;
        this.follow();
    }

    /** To the next (1) or previous (-1) message below the present one. */
    step(by: number): Row | null {
        const rows = this.source.rows();
        let i = this.current ? rows.lastIndexOf(this.current) : rows.length;
        if (i < 0) i = rows.length;
        do i -= by;
        while (rows[i] && !rows[i]!.message);
        const row = rows[i];
        if (!row) return null;
        this.choose(row, false);
        return row;
    }

    select(row: Row | null): void {
        this.current = row;
        this.follow();
    }

    private choose(row: Row, open: boolean): void {
        this.follow(); // what came since the last drawing is above
        this.current = row;
        const rows = this.source.rows(), y = (rows.length - 1 - rows.lastIndexOf(row)) * this.rowHeight;
        const head = this.scroller.querySelector<HTMLElement>('.headgroup')!.offsetHeight;
        const view = this.scroller.clientHeight - head;
        if (y < this.scroller.scrollTop) this.scroller.scrollTop = y;
        else if (y + this.rowHeight > this.scroller.scrollTop + view) this.scroller.scrollTop = y + this.rowHeight - view;
        if (open) this.source.open(row);
        this.follow();
    }

    private key(e: KeyboardEvent): void {
        const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 2);
        const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
        const move = moves[e.key];
        if (e.key === 'Home') this.top();
        else if (e.key === 'Enter' && this.current) this.source.open(this.current);
        else if (move === undefined) return;
        else for (let i = 0; i < Math.abs(move) && this.step(Math.sign(move)); i++);
        e.preventDefault();
    }

    private measure(): void {
        this.rowHeight = parseFloat(getComputedStyle(this.el).getPropertyValue('--row')) || 32;
        this.follow();
    }

    /** New rows came on top: stays where the person reads. */
    private follow(): void {
        const rows = this.source.rows(), last = rows.at(-1);
        if (last !== this.newest && this.newest) {
            const at = rows.lastIndexOf(this.newest), added = at < 0 ? 0 : rows.length - 1 - at;
            const atTop = this.scroller.scrollTop <= this.rowHeight / 2;
            if ((!atTop || this.pointing) && added > 0) {
                this.followed ||= atTop;
                this.size(rows.length);
                this.scroller.scrollTop += added * this.rowHeight;
                this.unread += added;
            }
        }
        this.newest = last;
        this.draw();
    }

    private size(n: number): void {
        this.spacer.style.height = `${n * this.rowHeight}px`;
    }

    private draw(): void {
        const rows = this.source.rows(), n = rows.length, top = this.scroller.scrollTop;
        this.size(n);
        if (top <= this.rowHeight / 2) {
            this.unread = 0;
            this.followed = false;
        }
        text(this.newer, `${this.unread} new above`);
        this.newer.hidden = this.unread === 0;
        attr(this.scroller, 'aria-rowcount', String(n + 1));
        const first = Math.max(0, Math.floor(top / this.rowHeight) - OVER);
        const count = Math.min(n - first, Math.ceil(this.scroller.clientHeight / this.rowHeight) + 2 * OVER);
        while (this.slots.length < count) {
            const slot = new Slot();
            this.slots.push(slot);
            this.spacer.append(slot.el);
        }
        let active = '';
        this.slots.forEach((slot, i) => {
            const row = i < count ? rows[n - 1 - first - i] : undefined;
            slot.el.hidden = !row;
            if (!row) return;
            const y = `translateY(${(first + i) * this.rowHeight}px)`;
            if (slot.el.style.transform !== y) slot.el.style.transform = y;
            if (slot.row !== row || row.message) slot.show(row, row.message && this.source.cells(row));
            attr(slot.el, 'aria-rowindex', String(first + i + 2));
            attr(slot.el, 'aria-selected', String(row === this.current));
            attr(slot.el, 'data-open', this.source.isOpen(row) ? '' : null);
            if (row === this.current) {
                slot.el.id = active = 'row-current';
            } else if (slot.el.id) slot.el.removeAttribute('id');
        });
        attr(this.scroller, 'aria-activedescendant', active || null);
    }
}
