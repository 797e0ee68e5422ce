// Map: what has a place. Aircraft, ships, stations and sondes on coastlines, a list of them, and all that is
// known of the selected one.
import '../map/map.css';
import type { App, View } from '../app';
import { h, icon, type IconName } from '../dom';
import { FilterBar } from '../map/filterbar';
import { ScaleBar, layersMenu, legend, popover } from '../map/chrome';
import { Coverage } from '../map/coverage';
import { fromParams, limitsOf, toParams } from '../map/filter';
import { worldX, worldY, type LatLon } from '../map/geo';
import { listen } from '../map/gestures';
import { List } from '../map/list';
import { Panel } from '../map/panel';
import { MapPrefs } from '../map/prefs';
import { Stage } from '../map/stage';
import { KINDS, KIND_WORDS, kindOf, type Kind, type Target } from '../map/target';
import { Targets } from '../map/targets';

const COVERAGE_MS = 15_000;

class MapView {
    private readonly prefs = new MapPrefs();
    private readonly targets: Targets;
    private readonly coverage = new Coverage();
    private readonly stage: Stage;
    private readonly filter;
    private readonly list: List;
    private readonly panel: Panel;
    private readonly bar: FilterBar;
    private readonly scale = new ScaleBar();
    private readonly side = h('aside', { class: 'map-side', 'aria-label': 'Targets' });
    private readonly root = h('div', { class: 'map' });
    private readonly handle = h('button', { class: 'map-handle' });
    private readonly tip = h('p', { class: 'map-tip', hidden: true });
    private readonly credit = h('p', { class: 'map-credit' }, 'Natural Earth');
    private readonly unreal = h('p', { class: 'map-unreal', hidden: true });
    private readonly offs: (() => void)[] = [];
    private wanted: string; // id of the selected target, as in the address
    private following = false;
    private fitted = false;
    private ended = false;
    private coverageTimer = 0;
    private passing: Target[] = [];
    private passedAt = -1;

    constructor(el: HTMLElement, private readonly app: App) {
        const { params } = app.router.route, { units } = app.settings.values;
        this.filter = fromParams(params);
        this.targets = new Targets(app);
        this.stage = new Stage(app, this.targets, this.coverage, this.prefs);
        this.list = new List({
            sort: this.prefs.values.sort, units, dark: () => app.settings.dark,
            select: t => this.select(t.key, true),
            sorted: sort => this.prefs.set('sort', sort),
        });
        this.panel = new Panel(app, { close: () => this.select(''), centre: () => this.centre(), follow: on => this.follow(on) });
        this.bar = new FilterBar(this.filter, units, () => this.filtered());
        this.build(el);
        this.wire();
        this.useTiles();
        this.look(params);
        this.wanted = params.get('id') ?? '';
        void this.askCoverage();
        this.update();
    }

    end(): void {
        this.ended = true;
        for (const off of this.offs) off();
        clearTimeout(this.coverageTimer);
        this.bar.end();
        this.stage.end();
        this.targets.end();
    }

    private build(el: HTMLElement): void {
        const { camera } = this.stage, { units } = this.app.settings.values;
        const button = (name: IconName, words: string, run?: () => void): HTMLButtonElement =>
            h('button', { class: 'map-button', 'aria-label': words, title: words, ...(run ? { onclick: run } : {}) }, icon(name));
        const menuButton = button('layers', 'Layers');
        const menu = layersMenu(this.prefs);
        this.offs.push(popover(menuButton, menu));
        const area = h('div', { class: 'map-area', tabindex: 0, role: 'application', 'aria-label': 'Map. Arrows move it, plus and minus zoom, the list beside it has the same targets.' });
        this.stage.el.append(area,
            h('div', { class: 'map-buttons' },
                button('plus', 'Zoom in (+)', () => this.zoom(1)), button('minus', 'Zoom out (-)', () => this.zoom(-1)),
                button('fit', 'Show all (f)', () => this.fit()), menuButton, menu),
            h('div', { class: 'map-foot' }, legend(units, this.app.settings.dark), this.scale.el),
            this.credit, this.unreal, this.tip);
        this.side.append(this.handle, this.bar.el, this.list.el, this.panel.el);
        this.root.append(this.stage.el, this.side);
        el.append(this.root);
        this.handle.addEventListener('click', () => this.openSide(!this.root.classList.contains('map-open')));
        this.openSide(false);
        this.offs.push(listen(area, camera, {
            tap: (x, y, touch) => this.select(this.stage.layer.hit(x, y, touch ? 26 : 16)?.key ?? ''),
            hover: at => {
                const t = at && this.stage.layer.hit(at.x, at.y, 14);
                if (this.stage.state.hovered === (t?.key ?? '')) return;
                this.stage.state.hovered = t?.key ?? '';
                area.classList.toggle('over', t !== null);
                this.stage.wake();
            },
        }));
        this.offs.push(this.app.keys.add('Map', [
            { key: '+', what: 'Zoom in', run: () => this.zoom(1) }, { key: '-', what: 'Zoom out', run: () => this.zoom(-1) },
            { key: 'ArrowLeft', shown: '← → ↑ ↓', what: 'Move the map', run: () => camera.panBy(-90, 0) },
            { key: 'f', what: 'Show all targets', run: () => this.fit() },
            { key: 'c', what: 'Centre the selected target', run: () => this.centre() },
            { key: 'l', what: 'Follow the selected target', run: () => this.follow(!this.following) },
            { key: '/', what: 'Search', run: () => { this.openSide(true); this.bar.search.focus(); } },
            { key: 'Escape', what: 'Select nothing', run: () => this.select('') },
        ]), this.app.keys.add('', [
            { key: 'ArrowRight', what: '', run: () => camera.panBy(90, 0) }, { key: 'ArrowUp', what: '', run: () => camera.panBy(0, -90) },
            { key: 'ArrowDown', what: '', run: () => camera.panBy(0, 90) }, { key: '=', what: '', run: () => this.zoom(1) },
        ]));
    }

    private wire(): void {
        const { camera, state } = this.stage, scheme = matchMedia('(prefers-color-scheme: dark)');
        state.shown = () => this.pass();
        state.showsProtocol = protocol => this.filter.kinds.has(kindOf(protocol));
        this.stage.before = () => this.keepFollowing();
        const recolour = (): void => {
            this.stage.el.querySelector('.map-legend')?.replaceWith(legend(this.app.settings.values.units, this.app.settings.dark));
            this.stage.redraw();
        };
        scheme.addEventListener('change', recolour);
        const second = window.setInterval(() => this.update(), 1000);
        this.offs.push(
            () => scheme.removeEventListener('change', recolour), () => clearInterval(second),
            this.app.settings.on('change', key => key === 'theme' && recolour()),
            this.prefs.on('change', () => {
                this.useTiles();
                this.stage.redraw();
            }),
            this.app.store.on('who', () => this.useTiles()),
            camera.on('change', () => this.scale.show(camera, this.app.settings.values.units)),
            camera.on('rest', () => this.remember()),
            this.targets.on('loaded', () => this.update()),
            this.targets.on('message', () => this.showPanel()),
            this.targets.on('removed', t => {
                if (t.key !== state.selected) return;
                this.app.announce(`${t.name || t.id} is not heard any more`);
                this.select('');
            }),
            this.app.router.on('params', route => this.selectId(route.params.get('id') ?? '')));
    }

    /** The pictures of the tile server that the daemon's configuration names, if it does. */
    private useTiles(): void {
        const [template, ...words] = this.app.store.who?.tiles?.split(/\s+/) ?? [];
        this.root.classList.toggle('map-has-tiles', template !== undefined);
        this.stage.useTiles(template ?? '');
        const used = template !== undefined && this.prefs.values.tiles;
        this.credit.textContent = used ? words.join(' ') || new URL(template).host : 'Natural Earth';
    }

    // ---- what is seen ----

    /** The view of the address, or that of the last visit. */
    private look(params: URLSearchParams): void {
        const [lat, lon, zoom] = (params.get('at') ?? this.prefs.values.at).split(',').map(Number);
        if (lat === undefined || lon === undefined || zoom === undefined || ![lat, lon, zoom].every(Number.isFinite)) return;
        this.fitted = this.stage.camera.touched = true;
        this.stage.camera.set(worldX(lon), worldY(lat), zoom);
    }

    private remember(): void {
        const { camera } = this.stage;
        if (this.ended || !this.fitted) return;
        const at = `${camera.middle.lat.toFixed(4)},${camera.middle.lon.toFixed(4)},${camera.zoom.toFixed(2)}`;
        if (camera.touched) this.prefs.set('at', at);
        this.app.router.go('map', { at: camera.touched ? at : undefined, id: this.wanted || undefined, ...toParams(this.filter) }, true);
    }

    private zoom(by: number): void {
        const { camera } = this.stage;
        camera.touched = true;
        camera.moveTo(camera.x, camera.y, Math.round((camera.zoom + by) * 2) / 2);
    }

    /** All that is shown, and the antennas. */
    private fit(): void {
        const to = this.stage.camera.fit(this.interesting(), 10);
        if (!to) return;
        this.stage.camera.touched = true;
        this.stage.camera.moveTo(to.x, to.y, to.zoom);
    }

    private interesting(): LatLon[] {
        const places = [...this.targets.places.values()];
        for (const t of this.pass()) if (t.lat !== null && t.lon !== null) places.push({ lat: t.lat, lon: t.lon });
        return places;
    }

    /** The first time that there is something to see. */
    private fitOnce(): void {
        const places = this.interesting(), { camera } = this.stage;
        if (this.fitted || camera.touched || !this.targets.loaded || places.length < 2 || camera.width < 2) return;
        const to = camera.fit(places, 9);
        if (!to) return;
        this.fitted = true;
        camera.set(to.x, to.y, to.zoom);
    }

    private centre(): void {
        const t = this.targets.get(this.stage.state.selected), { camera } = this.stage;
        if (!t || t.lat === null) return;
        camera.touched = true;
        const zoom = Math.max(camera.zoom, 8);
        camera.moveTo(t.x, t.y + this.covered / 2 / (256 * 2 ** zoom), zoom);
    }

    private follow(on: boolean): void {
        const t = this.targets.get(this.stage.state.selected);
        this.following = on && t !== undefined && t.lat !== null;
        this.panel.follow(this.following);
        this.app.announce(this.following ? `Following ${t!.name || t!.id}` : 'Not following');
        if (this.following) this.centre();
    }

    private keepFollowing(): void {
        const t = this.following ? this.targets.get(this.stage.state.selected) : undefined, { camera } = this.stage;
        if (!t || t.lat === null) return;
        const dx = camera.screenX(t.x) - camera.width / 2, dy = camera.screenY(t.y) - (camera.height - this.covered) / 2;
        if (Math.hypot(dx, dy) > 1 && Math.hypot(dx, dy) < camera.width) camera.set(camera.x + (dx * 0.12) / camera.scale, camera.y + (dy * 0.12) / camera.scale, camera.zoom);
    }

    // ---- which are shown ----

    private pass(): Target[] {
        if (this.passedAt !== this.targets.version) {
            const { kinds } = this.filter, within = limitsOf(this.filter, this.targets.now());
            this.passing = [...this.targets.all.values()].filter(t => kinds.has(t.kind) && within(t));
            this.passedAt = this.targets.version;
        }
        return this.passing;
    }

    private filtered(): void {
        this.passedAt = -1;
        this.update();
        this.stage.redraw();
        this.remember();
    }

    /** Once a second: the list, the counts, the panel. */
    private update(): void {
        this.targets.forget();
        if (document.hidden) return;
        if (this.filter.maxAge !== null) this.passedAt = -1;
        const now = this.targets.now(), { selected } = this.stage.state;
        const counts = Object.fromEntries(KINDS.map(k => [k, 0])) as Record<Kind, number>;
        const within = limitsOf(this.filter, now);
        for (const t of this.targets.all.values()) if (within(t)) counts[t.kind]++;
        this.bar.counts(counts);
        const shown = this.pass();
        this.list.show([...shown], selected, now);
        this.handle.textContent = `${shown.length} ${shown.length === 1 ? 'target' : 'targets'}`;
        if (this.wanted && !selected) this.selectId(this.wanted);
        this.showPanel();
        this.fitOnce();
        this.hint(shown.length);
        this.stage.wake();
    }

    private hint(n: number): void {
        const words = !this.targets.loaded ? '' : this.targets.all.size === 0 ? 'Nothing with a place has been heard yet.'
            : n === 0 ? 'No target passes the filter.' : '';
        this.tip.hidden = words === '';
        this.tip.textContent = words;
        const simulated = this.passing.some(t => t.simulated), replayed = this.passing.some(t => t.replayed);
        const real = this.passing.some(t => !t.simulated && !t.replayed);
        this.unreal.hidden = !simulated && !replayed;
        this.unreal.textContent = `${[simulated && 'simulated', replayed && 'replayed'].filter(w => w).join(' and ')}${real ? ' in part' : ''}`;
    }

    private async askCoverage(): Promise<void> {
        if (!document.hidden && await this.coverage.load(this.app.api)) {
            this.targets.places = this.coverage.places();
            this.stage.redraw();
        }
        if (!this.ended) this.coverageTimer = window.setTimeout(() => void this.askCoverage(), COVERAGE_MS);
    }

    // ---- the selected one ----

    /** As the address names it: by its id. It may come later. */
    private selectId(id: string): void {
        this.wanted = id;
        const t = this.targets.get(this.stage.state.selected);
        if (t?.id.toLowerCase() === id.toLowerCase() || (!t && !id)) return;
        const found = [...this.targets.all.values()].find(x => x.id.toLowerCase() === id.toLowerCase());
        if (found || !id) this.select(found?.key ?? '');
    }

    private select(key: string, fromList = false): void {
        const { state } = this.stage;
        if (state.selected === key) {
            if (fromList && key) this.panel.focus();
            return;
        }
        state.selected = this.targets.selected = key;
        this.wanted = key ? this.targets.get(key)?.id ?? this.wanted : '';
        if (this.following) this.follow(false);
        const t = this.targets.get(key);
        if (t) this.app.announce(`${KIND_WORDS[t.kind].one} ${t.name || t.id} selected`);
        this.openSide(key !== '' || (fromList && this.root.classList.contains('map-open')));
        if (t && (fromList || this.covered > 0)) this.bring(t);
        this.update();
        this.list.reveal(key);
        this.stage.redraw();
        this.remember();
        if (t && fromList) this.panel.focus();
    }

    /** Moves the map if the target is not on it. */
    private bring(t: Target): void {
        const { camera } = this.stage;
        if (t.lat === null) return;
        const x = camera.screenX(t.x), y = camera.screenY(t.y);
        if (x < 30 || y < 30 || x > camera.width - 30 || y > camera.height - this.covered - 30) camera.moveTo(t.x, t.y + this.covered / 2 / camera.scale, camera.zoom);
    }

    /** Pixels of the map's lower part that the sheet of a phone covers. */
    private get covered(): number {
        return matchMedia('(max-width: 720px)').matches && this.root.classList.contains('map-open') ? this.side.offsetHeight : 0;
    }

    private showPanel(): void {
        const t = this.targets.get(this.stage.state.selected);
        this.panel.show(t, this.targets.now());
        this.side.classList.toggle('map-detail', t !== undefined);
    }

    /** On a phone the list is a sheet over the map's lower half. */
    private openSide(open: boolean): void {
        this.root.classList.toggle('map-open', open);
        this.handle.setAttribute('aria-expanded', String(open));
    }
}

const view: View = {
    title: 'Map',
    mount(el, app) {
        const map = new MapView(el, app);
        return () => map.end();
    },
};
export default view;
