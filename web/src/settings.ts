// What a person chose for this browser, kept in its local storage.
import { Emitter } from './emitter';

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
        try {
            const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
            for (const key of Object.keys(defaults) as (keyof Values)[])
                if (typeof kept[key] === 'string') this.values[key] = kept[key] as never;
        } catch {
            // storage may be forbidden: the defaults do
        }
        this.apply();
    }

    set<K extends keyof Values>(key: K, value: Values[K]): void {
        if (this.values[key] === value) return;
        this.values[key] = value;
        try {
            localStorage.setItem(KEY, JSON.stringify(this.values));
        } catch {
            // then it holds for this tab
        }
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
