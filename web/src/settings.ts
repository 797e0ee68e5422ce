// What a person chose for this browser, kept in its local storage.
import { Emitter } from './emitter';
import { load, save } from './storage';

export interface Values {
    theme: 'auto' | 'light' | 'dark';
    units: 'metric' | 'aeronautical' | 'nautical';
    time: 'local' | 'utc';
    token: string;
}

const KEY = 'hertzd.settings';
const defaults: Values = { theme: 'auto', units: 'metric', time: 'local', token: '' };

export class Settings extends Emitter<{ change: keyof Values }> {
    readonly values: Values = { ...defaults };

    constructor() {
        super();
        const kept = load(KEY);
        for (const key of Object.keys(defaults) as (keyof Values)[])
            if (typeof kept[key] === 'string') this.values[key] = kept[key] as never;
        this.apply();
    }

    set<K extends keyof Values>(key: K, value: Values[K]): void {
        if (this.values[key] === value) return;
        this.values[key] = value;
        save(KEY, this.values);
        this.apply();
        this.emit('change', key);
    }

    /** The colours that are shown now. */
    get dark(): boolean {
        const { theme } = this.values;
        return theme === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
    }

    private apply(): void {
        document.documentElement.dataset.theme = this.values.theme;
    }
}
