// All that is known of the selected target, and its last messages.
import type { App } from '../app';
import { attr, fill, h, icon, text } from '../dom';
import { ago, clock, climb, date, db, dbfs, degrees, distance, height, position, speed } from '../format';
import { href } from '../router';
import { summary } from '../summary';
import { rows, type Row } from './fields';
import { Rows } from './rows';
import { KIND_WORDS, type Target } from './target';

export interface PanelActions {
    close(): void;
    centre(): void;
    follow(on: boolean): void;
}

/** Fields that stand at the top already. */
const SAID = new Set(['flight', 'shipname', 'alt_baro', 'gs', 'track', 'baro_rate', 'geom_rate', 'vert_rate', 'hex', 'mmsi', 'srccallsign', 'airground']);

export class Panel {
    readonly el = h('section', { class: 'map-panel', hidden: true, 'aria-label': 'Selected target' });
    private readonly name = h('h2', { tabindex: -1 });
    private readonly sub = h('p', { class: 'muted' });
    private readonly badges = h('p', { class: 'map-badges' });
    private readonly followButton = h('button', { 'aria-pressed': 'false' }, 'Follow');
    private readonly centreButton = h('button', null, 'Centre');
    private readonly top = new Rows();
    private readonly heard = new Rows();
    private readonly fields = new Rows();
    private readonly messages = h('ol', { class: 'map-messages' });
    private readonly all = h('a', { href: '#/messages' }, 'All its messages');
    private shownKey = '';
    private newest = 0;

    constructor(private readonly app: App, actions: PanelActions) {
        this.followButton.addEventListener('click', () => actions.follow(this.followButton.getAttribute('aria-pressed') !== 'true'));
        this.centreButton.addEventListener('click', () => actions.centre());
        this.el.append(
            h('header', null, h('div', null, this.name, this.sub),
                h('button', { class: 'plain', 'aria-label': 'Close', title: 'Close (Esc)', onclick: () => actions.close() }, icon('close'))),
            this.badges,
            h('div', { class: 'map-actions' }, this.followButton, this.centreButton),
            this.top.el,
            h('h3', null, 'Reception'), this.heard.el,
            h('h3', null, 'Data'), this.fields.el,
            h('h3', null, 'Last messages'), this.messages, h('p', null, this.all));
    }

    follow(on: boolean): void {
        attr(this.followButton, 'aria-pressed', String(on));
    }

    focus(): void {
        this.name.focus({ preventScroll: true });
    }

    show(t: Target | undefined, now: number): void {
        this.el.hidden = !t;
        if (!t) {
            this.shownKey = '';
            return;
        }
        const { units, time } = this.app.settings.values, station = t.kind === 'station' || t.kind === 'sonde';
        if (this.shownKey !== t.key) {
            this.shownKey = t.key;
            this.newest = -1;
            this.el.scrollTop = 0;
            this.all.href = href('messages', { id: t.id });
        }
        text(this.name, t.name || t.id);
        text(this.sub, `${KIND_WORDS[t.kind].one} ${t.id}${typeof t.fields.shiptype_text === 'string' ? ` · ${t.fields.shiptype_text}` : ''}`);
        this.badge(t);
        const placed = t.lat !== null && t.lon !== null;
        this.centreButton.disabled = this.followButton.disabled = !placed;
        const top: (Row | false)[] = [
            t.altFt !== null && { key: 'alt', label: 'Altitude', value: t.ground ? 'on the ground' : height(t.altFt, units) + (t.climb !== null && Math.abs(t.climb) > 64 ? ` ${t.climb > 0 ? '↑' : '↓'} ${climb(Math.abs(t.climb), units)}` : '') },
            t.kt !== null && { key: 'speed', label: 'Speed', value: speed(t.kt, units) },
            t.course !== null && { key: 'course', label: 'Course', value: degrees(t.course) },
            t.distance !== null && { key: 'distance', label: 'Distance', value: distance(t.distance, units) + (t.bearing !== null ? `, bearing ${degrees(t.bearing)}` : '') },
            { key: 'place', label: 'Position', value: placed ? position(t.lat!, t.lon!) : 'not known yet' },
            placed && { key: 'placed', label: 'Position age', value: ago(now - t.positionTime) },
        ];
        this.top.show(top.filter(r => r !== false));
        const since = `${date(t.first, time) === date(now, time) ? '' : `${date(t.first, time)} `}${clock(t.first, time)}`;
        this.heard.show([
            { key: 'last', label: 'Last heard', value: ago(now - t.last) },
            { key: 'first', label: 'First heard', value: since },
            { key: 'n', label: 'Messages', value: String(t.messages) },
            { key: 'snr', label: 'Best SNR', value: db(t.snr) },
            { key: 'rssi', label: 'Last level', value: dbfs(t.rssi) },
            { key: 'by', label: 'Receiver', value: `${t.receiver}, channel ${t.channel}` },
        ]);
        this.fields.show(rows(t.fields, units, station, SAID));
        this.list(t);
    }

    private badge(t: Target): void {
        const words = [t.emergency && `! ${t.emergency}`, t.simulated && 'simulated', t.replayed && 'replayed'].filter(w => typeof w === 'string' && w !== '') as string[];
        if (this.badges.textContent === words.join('')) return;
        fill(this.badges, words.map(w => h('span', { class: w.startsWith('!') ? 'map-badge bad' : 'map-badge' }, w)));
        this.badges.hidden = words.length === 0;
    }

    private list(t: Target): void {
        const newest = t.recent[0]?.seq ?? 0;
        if (newest === this.newest) return;
        this.newest = newest;
        const { units, time } = this.app.settings.values;
        fill(this.messages, t.recent.length === 0 && h('li', { class: 'muted' }, 'None since this page was opened.'),
            t.recent.slice(0, 20).map(m => h('li', null,
                h('span', { class: 'map-when' }, clock(m.time, time), ' ', h('span', { class: 'muted' }, `${m.channel} ${db(m.snr_db, 0)}`)),
                h('span', null, summary(m, units).text))));
    }
}
