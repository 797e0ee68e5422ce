// What stands over the map: buttons, the menu of layers, the legend of altitudes, the scale.
import { h, text } from '../dom';
import { height, unitMetres, type Units } from '../format';
import { nice } from './base';
import type { Camera } from './camera';
import { NAMED, altitudeColour } from './colours';
import { MOST_TRACKS } from './layer';
import type { MapPrefs, Prefs } from './prefs';

type Flag = 'labels' | 'rings' | 'coverage' | 'graticule' | 'borders' | 'predict' | 'tiles';

const FLAGS: [Flag, string][] = [
    ['labels', 'Labels'],
    ['rings', 'Range rings'],
    ['coverage', 'Furthest reception'],
    ['graticule', 'Graticule'],
    ['borders', 'Borders of countries'],
    ['predict', 'Move between reports'],
    ['tiles', 'Pictures of the tile server'],
];
const TRACKS: [Prefs['tracks'], string][] = [['all', `All, up to ${MOST_TRACKS} in view`], ['selected', 'Of the selected one'], ['none', 'None']];

const SHIPS = ['cargo', 'tanker', 'passenger', 'fishing', 'pleasure', 'service'] as const;

/** A button that opens a box; Escape and a click elsewhere close it. */
export function popover(button: HTMLButtonElement, box: HTMLElement): () => void {
    const show = (on: boolean): void => {
        box.hidden = !on;
        button.setAttribute('aria-expanded', String(on));
    };
    show(false);
    button.addEventListener('click', () => show(box.hidden !== false));
    const outside = (e: Event): void => {
        if (!box.hidden && e.target instanceof Node && !box.contains(e.target) && !button.contains(e.target)) show(false);
    };
    const escape = (e: KeyboardEvent): void => {
        if (e.key !== 'Escape' || box.hidden) return;
        e.preventDefault();
        show(false);
        button.focus();
    };
    document.addEventListener('pointerdown', outside);
    box.addEventListener('keydown', escape);
    button.addEventListener('keydown', escape);
    return () => document.removeEventListener('pointerdown', outside);
}

export function layersMenu(prefs: MapPrefs): HTMLElement {
    const check = ([key, label]: [Flag, string]): HTMLElement => {
        const input = h('input', { type: 'checkbox', onchange: () => prefs.set(key, input.checked) });
        input.checked = prefs.values[key];
        return h('label', { class: `map-flag-${key}` }, input, label);
    };
    return h('div', { class: 'map-menu panel', role: 'group', 'aria-label': 'Layers' },
        h('h3', null, 'Layers'),
        FLAGS.map(check),
        h('fieldset', null, h('legend', null, 'Tracks'), TRACKS.map(([value, label]) => {
            const input = h('input', { type: 'radio', name: 'tracks', value, onchange: () => prefs.set('tracks', value) });
            input.checked = prefs.values.tracks === value;
            return h('label', null, input, label);
        })),
        h('fieldset', null, h('legend', null, 'Colours of ships'), h('div', { class: 'map-key' }, SHIPS.map(name => {
            const dot = h('i');
            dot.style.background = `light-dark(${NAMED[name][0]}, ${NAMED[name][1]})`;
            return h('span', null, dot, name);
        }))));
}

/** The colours of altitudes. */
export function legend(units: Units, dark: boolean): HTMLElement {
    const bar = h('canvas', { width: 220, height: 8, 'aria-hidden': 'true' }), ctx = bar.getContext('2d')!;
    for (let x = 0; x < 220; x++) {
        ctx.fillStyle = altitudeColour((x / 219) * 44000, dark);
        ctx.fillRect(x, 0, 1, 8);
    }
    const ticks = units === 'aeronautical' ? [0, 10000, 20000, 30000, 40000] : [0, 4000, 8000, 12000].map(m => m / 0.3048);
    const words = ticks.map((ft, i) => {
        const text = height(ft, units), tick = h('span', null, i === ticks.length - 1 ? text : text.replace(/\u00a0.*/, ''));
        tick.style.left = `${(ft / 44000) * 100}%`;
        return tick;
    });
    return h('div', { class: 'map-legend', role: 'img', 'aria-label': 'Colours of altitudes: orange low, green, blue, violet high' }, bar, h('div', null, words));
}

export class ScaleBar {
    private readonly bar = h('i');
    private readonly words = h('span');
    readonly el = h('div', { class: 'map-scale' }, this.bar, this.words);

    show(camera: Camera, units: Units): void {
        const [metres, name] = unitMetres(units);
        const size = nice((camera.metresPerPixel * 110) / metres);
        this.bar.style.width = `${Math.round((size * metres) / camera.metresPerPixel)}px`;
        text(this.words, size < 1 && name === 'km' ? `${Math.round(size * 1000)} m` : `${Number(size.toPrecision(2))} ${name}`);
    }
}
