// How the picture is drawn: colours, scale of levels, lines a second. Kept in this browser.
import { h } from '../dom';
import { dbfs } from '../format';
import { load, save } from '../storage';
import { colourAt, type MapName, mapNames } from './colour';

export interface Shown {
    map: MapName;
    fps: number;
    auto: boolean;
    low: number; // dBFS, where not auto
    high: number;
}

const KEY = 'hertzd.spectrum';
/** Lines a second for those who do not want motion. */
export const CALM = 5;
const RATES = [2, 5, 10, 20, 30];

export function loadShown(calm: boolean): Shown {
    const shown: Shown = { map: 'inferno', fps: calm ? CALM : 20, auto: true, low: -90, high: -30 };
    const kept = load(KEY) as Partial<Shown>;
    if (kept.map && mapNames.includes(kept.map)) shown.map = kept.map;
    if (typeof kept.fps === 'number' && RATES.includes(kept.fps)) shown.fps = calm ? Math.min(CALM, kept.fps) : kept.fps;
    if (kept.auto === false && typeof kept.low === 'number' && typeof kept.high === 'number' && kept.low < kept.high)
        Object.assign(shown, { auto: false, low: kept.low, high: kept.high });
    return shown;
}

/** The colours of a map from low to high, 256 pixels wide. */
export function paintBar(canvas: HTMLCanvasElement, map: MapName): void {
    canvas.width = 256;
    canvas.height = 1;
    const image = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) image.data.set([...colourAt(map, i / 255), 255], i * 4);
    canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/** The form. scale: the one in force, where a hand takes over from. */
export function displayForm(shown: Shown, scale: () => { low: number; high: number }, changed: () => void): HTMLElement {
    const keep = (): void => {
        save(KEY, shown);
        changed();
    };
    const choose = (label: string, values: readonly (string | number)[], value: string | number, set: (v: string) => void): HTMLElement => {
        const select = h('select', null, values.map(v => h('option', { value: v, selected: v === value }, v)));
        select.addEventListener('change', () => {
            set(select.value);
            keep();
        });
        return h('label', null, h('span', null, label), select);
    };
    const level = (label: string, key: 'low' | 'high'): [HTMLElement, HTMLInputElement] => {
        const input = h('input', { type: 'range', min: -130, max: 0, step: 1 });
        const out = h('output');
        input.addEventListener('input', () => {
            shown[key] = Number(input.value);
            if (shown.high - shown.low < 10) shown[key] = key === 'low' ? shown.high - 10 : shown.low + 10;
            sync();
            keep();
        });
        const sync = (): void => {
            input.value = String(shown[key]);
            out.textContent = dbfs(shown[key], 0);
            input.disabled = shown.auto;
        };
        sync();
        input.addEventListener('sync', sync);
        return [h('label', { class: 'level' }, h('span', null, label), input, out), input];
    };
    const auto = h('input', { type: 'checkbox' });
    auto.checked = shown.auto;
    const [lowRow, low] = level('Darkest', 'low'), [highRow, high] = level('Brightest', 'high');
    auto.addEventListener('change', () => {
        if (!auto.checked) Object.assign(shown, scale());
        shown.auto = auto.checked;
        for (const input of [low, high]) input.dispatchEvent(new Event('sync'));
        keep();
    });
    return h('div', { class: 'display-form' },
        choose('Colours', mapNames, shown.map, v => { shown.map = v as MapName; }),
        choose('Lines a second', RATES, shown.fps, v => { shown.fps = Number(v); }),
        h('label', null, auto, h('span', null, 'Levels follow the noise')), lowRow, highRow);
}
