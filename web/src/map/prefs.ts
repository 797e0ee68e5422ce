// What a person chose for the map in this browser.
import { Emitter } from '../emitter';
import { load, save } from '../storage';

export interface Prefs {
    tracks: 'all' | 'selected' | 'none';
    labels: boolean;
    predict: boolean;
    rings: boolean;
    coverage: boolean;
    borders: boolean;
    graticule: boolean;
    tiles: boolean;
    sort: string;
    at: string;
}

const KEY = 'hertzd.map';
const defaults: Prefs = {
    tracks: 'all', labels: true, predict: true, rings: true, coverage: true, borders: true, graticule: true, tiles: true,
    sort: 'distance', at: '',
};

export class MapPrefs extends Emitter<{ change: keyof Prefs }> {
    readonly values: Prefs = { ...defaults };

    constructor() {
        super();
        const kept = load(KEY);
        for (const key of Object.keys(defaults) as (keyof Prefs)[])
            if (typeof kept[key] === typeof defaults[key]) this.values[key] = kept[key] as never;
    }

    set<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
        if (this.values[key] === value) return;
        this.values[key] = value;
        save(KEY, this.values);
        this.emit('change', key);
    }
}
