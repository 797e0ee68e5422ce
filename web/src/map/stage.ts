// The map itself: three canvases, redrawn when there is something new.
import type { App } from '../app';
import { h } from '../dom';
import { drawBase } from './base';
import { Camera } from './camera';
import { DARK, LIGHT, type Palette } from './colours';
import type { Coverage } from './coverage';
import { Land } from './land';
import { Layer, type LayerView } from './layer';
import type { MapPrefs } from './prefs';
import { Sheet } from './sheet';
import type { Target } from './target';
import type { Targets } from './targets';
import { Tiles } from './tiles';

const TRACKS_MS = 1000;

export interface StageState {
    selected: string;
    hovered: string;
    shown: () => Iterable<Target>;
    showsProtocol(protocol: string): boolean;
}

// the coastlines stay when the view is left and entered again
const land = new Land();
const asked = new Set<string>();

export class Stage {
    readonly camera = new Camera();
    readonly layer = new Layer();
    private readonly base = new Sheet('map-canvas', true);
    private readonly tracks = new Sheet('map-canvas');
    private readonly moving = new Sheet('map-canvas');
    readonly el = h('div', { class: 'map-stage' }, this.base.canvas, this.tracks.canvas, this.moving.canvas);
    readonly state: StageState = { selected: '', hovered: '', shown: () => [], showsProtocol: () => true };
    /** Called before each drawing: to follow a target. */
    before: () => void = () => undefined;
    private frames = 0;
    private frame = 0;
    private timer = 0;
    private moved = -1e9;
    private tracksAt = -1e9;
    private version = -1;
    private tiles: Tiles | null = null;
    private readonly observer: ResizeObserver;
    private readonly failed = new Set<string>();

    constructor(private readonly app: App, private readonly targets: Targets, private readonly coverage: Coverage, private readonly prefs: MapPrefs) {
        this.observer = new ResizeObserver(() => this.resize());
        this.observer.observe(this.el);
        this.camera.on('change', () => {
            this.moved = performance.now();
            this.wake();
        });
        void this.need('land.bin');
    }

    end(): void {
        this.observer.disconnect();
        this.camera.end();
        cancelAnimationFrame(this.frame);
        clearTimeout(this.timer);
        for (const file of this.failed) asked.delete(file);
    }

    get palette(): Palette {
        return this.app.settings.dark ? DARK : LIGHT;
    }

    /** '': coastlines. */
    useTiles(template: string): void {
        if (template === (this.tiles?.template ?? '')) return;
        this.tiles = template ? new Tiles(template, () => this.redraw()) : null;
        this.redraw();
    }

    /** Everything again, with the next frame. */
    redraw(): void {
        this.base.stale = this.tracks.stale = true;
        this.wake();
    }

    /** What moves again, with the next frame. */
    wake(): void {
        clearTimeout(this.timer);
        if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
    }

    private async need(file: string): Promise<void> {
        if (asked.has(file)) return;
        asked.add(file);
        try {
            land.add(await (await this.app.api.fetch(file, { cache: 'default' })).arrayBuffer());
            this.redraw();
        } catch {
            this.failed.add(file); // tried again with the next visit of the view
        }
    }

    private resize(): void {
        const { width, height } = this.el.getBoundingClientRect(), ratio = devicePixelRatio || 1;
        for (const sheet of [this.base, this.tracks, this.moving]) sheet.resize(width, height, ratio);
        this.camera.resize(width, height);
        this.redraw();
    }

    private draw(): void {
        this.frame = 0;
        const { camera, prefs, palette, app } = this, now = performance.now();
        if (camera.width < 2) return;
        this.before();
        if (camera.zoom >= 7) void this.need('land-near.bin');
        const moving = now - this.moved < 200, ratio = devicePixelRatio || 1, { units } = app.settings.values;
        const view: LayerView = {
            camera, targets: this.state.shown(), now: this.targets.now(), selected: this.state.selected, hovered: this.state.hovered, prefs: prefs.values,
            palette, dark: app.settings.dark, units, ratio, place: t => this.targets.places.get(t.receiver),
        };
        const based = this.base.update(camera, moving, ctx => drawBase(ctx, {
            camera, land, tiles: this.tiles, coverage: this.coverage, places: this.targets.places, prefs: prefs.values, palette, units, ratio,
            shows: protocol => this.state.showsProtocol(protocol),
        }));
        const wait = this.layer.draw(this.moving.ctx, view);
        if (this.version !== this.targets.version && now - this.tracksAt > TRACKS_MS) {
            this.version = this.targets.version;
            this.tracksAt = now;
            this.tracks.stale = true;
        }
        const tracked = this.tracks.update(camera, moving, ctx => this.layer.drawTracks(ctx, view));
        this.el.dataset.frames = String(++this.frames); // for who measures
        if (!based || !tracked || wait < 1 / 50) this.wake();
        else this.timer = window.setTimeout(() => this.wake(), Math.min(wait, 1) * 1000);
    }
}
