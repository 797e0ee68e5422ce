// Centre and gain of a receiver, for those who have a token that may change them.
import type { App } from '../app';
import { h } from '../dom';
import { megahertz } from '../format';
import type { Receiver } from '../types';

/** The form. Values of the receiver are filled in as long as nobody types. */
export function tuneForm(app: App, receiver: () => Receiver | undefined): { el: HTMLElement; update: () => void } {
    const centre = h('input', { inputmode: 'decimal', 'aria-label': 'Centre in MHz', size: 10 });
    const gain = h('select', { 'aria-label': 'Gain' });
    const said = h('p', { class: 'muted', role: 'status' });
    let gains = '';

    const change = async (method: string, value: number | string, done: string): Promise<void> => {
        const r = receiver();
        if (!r) return;
        try {
            await app.api.rpc(method, { receiver: r.name, value });
            said.textContent = done;
            app.store.refresh();
        } catch (e) {
            app.toast((e as Error).message, true);
        }
    };
    const form = h('form', null, h('label', null, h('span', null, 'Centre'), centre, 'MHz'), h('button', null, 'Tune'));
    form.addEventListener('submit', e => {
        e.preventDefault();
        const mhz = Number(centre.value.replace(',', '.'));
        if (mhz > 0) void change('tune', Math.round(mhz * 1e6), `Tuning to ${mhz} MHz`);
        else app.toast(`${centre.value || 'nothing'} is not a frequency in MHz`, true);
    });
    gain.addEventListener('change', () => void change('gain', gain.value === 'auto' ? 'auto' : Number(gain.value), `Gain: ${gain.value}`));

    const update = (): void => {
        const r = receiver();
        if (!r) return;
        if (document.activeElement !== centre) centre.value = megahertz(r.centre_hz);
        const list = ['auto', ...new Set([...(r.gains_db ?? []), ...(r.gain_db === 'auto' ? [] : [r.gain_db])])].map(String);
        if (gains !== list.join()) {
            gains = list.join();
            gain.replaceChildren(...list.map(v => h('option', { value: v }, v === 'auto' ? v : `${v} dB`)));
        }
        if (document.activeElement !== gain) gain.value = String(r.gain_db);
        if (r.tuning) said.textContent = r.tuning;
    };
    return { el: h('div', { class: 'display-form' }, form, h('label', null, h('span', null, 'Gain'), gain), said), update };
}
