// What a control token permits: to tune, to set gain, ppm and bias, to add and to remove channels.
import { keep } from '../api';
import type { App } from '../app';
import { dialog } from '../dialogs';
import { h, text } from '../dom';
import { db } from '../format';
import type { Receiver } from '../types';

/** A line of a form: a label, an input, and its button; the daemon's answer is shown below. */
function setting(title: string, hint: string, input: HTMLElement, apply: () => Promise<string>): HTMLElement {
    const id = `set-${title.toLowerCase().replace(/\W+/g, '-')}`;
    const answer = h('p', { class: 'answer', role: 'status' });
    const button = h('button', { type: 'submit' }, 'Set');
    input.id = id;
    return h('form', { class: 'setting', onsubmit: (e: Event) => {
        e.preventDefault();
        void run(button, answer, apply);
    } },
    h('label', { for: id }, title), h('div', { class: 'setting-row' }, input, button), h('p', { class: 'muted' }, hint), answer);
}

/** Runs it with the button off; its words, or those of the error, are the answer. True: it went well. */
async function run(button: HTMLButtonElement, answer: HTMLElement, apply: () => Promise<string>): Promise<boolean> {
    button.disabled = true;
    answer.classList.remove('bad');
    text(answer, 'Asking …');
    try {
        text(answer, await apply());
        return true;
    } catch (e) {
        answer.classList.add('bad');
        text(answer, (e as Error).message);
        return false;
    } finally {
        button.disabled = false;
    }
}

/** A frequency as people write it: 1090, 1090.5, 162.025M, 446006250. Hz; NaN: it is none. */
function parseFrequency(words: string): number {
    const m = /^\s*([\d.]+)\s*([kMG]?)(?:Hz)?\s*$/i.exec(words.replace(',', '.'));
    if (!m) return NaN;
    const value = Number(m[1]), unit = m[2]!.toLowerCase();
    const scale = unit === 'k' ? 1e3 : unit === 'm' ? 1e6 : unit === 'g' ? 1e9 : value < 1e5 ? 1e6 : 1;
    return Math.round(value * scale);
}

/** Asks for a change, and waits until the receiver says how it ended. */
async function change(app: App, receiver: string, method: string, value: unknown, force = false): Promise<string> {
    await app.api.rpc(method, { receiver, value, ...(force ? { force: true } : {}) });
    for (let i = 0; i < 40; i++) {
        const list = await app.api.rpc<Receiver[]>('receivers');
        const tuning = list.find(r => r.name === receiver)?.tuning ?? '';
        if (tuning !== 'pending') {
            app.store.refresh();
            if (tuning && tuning !== 'done') throw new Error(tuning);
            return 'Done.';
        }
        await new Promise(next => setTimeout(next, 250));
    }
    return 'Asked for; the receiver has not answered yet.';
}

export function changeReceiver(app: App, r: Receiver): void {
    const number = (value: string, props = {}): HTMLInputElement => h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', value, ...props });
    const centre = number((r.centre_hz / 1e6).toString());
    const force = h('input', { type: 'checkbox' });
    const gain = r.gains_db?.length
        ? h('select', null, h('option', { value: 'auto' }, 'automatic'), r.gains_db.map(g => {
            const option = h('option', { value: g }, db(g));
            option.selected = r.gain_db === g;
            return option;
        }))
        : number(String(r.gain_db));
    const correction = number(String(r.ppm));
    const bias = h('select', null, h('option', { value: '' }, 'off'), h('option', { value: '1' }, 'on'));
    bias.value = r.bias_tee ? '1' : '';
    const numeric = (input: HTMLInputElement): number => {
        const value = Number(input.value.trim().replace(',', '.').replace('−', '-'));
        if (!input.value.trim() || !Number.isFinite(value)) throw new Error(`“${input.value}” is no number`);
        return value;
    };
    dialog(`Change ${r.name}`,
        h('p', { class: 'muted' }, 'A change lasts until hertzd ends. This command keeps it: ', h('code', null, keep)),
        setting('Centre frequency', 'In MHz. Channels outside the new band cannot be decoded.', centre, async () => {
            const hz = parseFrequency(centre.value);
            if (!Number.isFinite(hz)) throw new Error(`“${centre.value}” is no frequency: expected MHz, as 162.4`);
            return change(app, r.name, 'tune', hz, force.checked);
        }),
        h('label', { class: 'check' }, force, h('span', null, 'Also to a centre at which channels are outside the band')),
        setting('Gain', r.gains_db?.length ? 'One of the steps of the tuner.' : 'In dB, or auto.', gain, async () =>
            change(app, r.name, 'gain', gain.value.trim() === 'auto' ? 'auto' : gain instanceof HTMLInputElement ? numeric(gain) : Number(gain.value))),
        setting('Correction of the crystal', 'In ppm.', correction, async () => change(app, r.name, 'ppm', numeric(correction))),
        setting('Bias tee', 'Feeds an amplifier at the antenna. Off, if you do not know that you have one.', bias, async () => change(app, r.name, 'bias', bias.value === '1')));
}

interface Decoder {
    name: string;
    title: string;
}

export function addChannel(app: App, r: Receiver): void {
    const decoder = h('select', { id: 'add-decoder' });
    const field = (id: string, props = {}): HTMLInputElement => h('input', { type: 'text', id, autocomplete: 'off', spellcheck: 'false', ...props });
    const name = field('add-name', { required: true, maxlength: 31 });
    const freq = field('add-frequency', { inputmode: 'decimal', placeholder: 'the usual one of the decoder' });
    const squelch = field('add-squelch', { inputmode: 'decimal', placeholder: 'the usual one' });
    const answer = h('p', { class: 'answer', role: 'status' });
    const button = h('button', { class: 'primary', type: 'submit' }, 'Add');
    const line = (label: string, input: HTMLElement): HTMLElement => h('div', { class: 'setting' }, h('label', { for: input.id }, label), input);
    const box = dialog(`Add a channel to ${r.name}`, h('form', { class: 'add', onsubmit: (e: Event) => {
        e.preventDefault();
        void run(button, answer, async () => {
            const params: Record<string, unknown> = { receiver: r.name, name: name.value.trim(), decoder: decoder.value };
            if (freq.value.trim()) {
                params['frequency'] = parseFrequency(freq.value);
                if (!Number.isFinite(params['frequency'])) throw new Error(`“${freq.value}” is no frequency: expected MHz, as 162.025`);
            }
            if (squelch.value.trim()) params['squelch'] = Number(squelch.value.replace(',', '.'));
            await app.api.rpc('add_channel', params);
            app.store.refresh();
            return `Added ${name.value.trim()}.`;
        }).then(good => {
            if (!good) return;
            box.close();
            app.toast(`The channel ${name.value.trim()} was added. It is there until hertzd ends, unless it is kept: ${keep}`);
        });
    } },
    line('Decoder', decoder), line('Name', name), line('Frequency in MHz', freq), line('Squelch in dB over the noise', squelch), answer, button));
    void app.api.rpc<Decoder[]>('decoders').then(list => {
        decoder.append(...list.map(d => h('option', { value: d.name }, `${d.name}: ${d.title}`)));
    }, (e: Error) => {
        answer.classList.add('bad');
        text(answer, e.message);
    });
}

export function removeChannel(app: App, name: string): void {
    const answer = h('p', { class: 'answer', role: 'status' });
    const button = h('button', { class: 'primary' }, 'Remove');
    const box = dialog(`Remove ${name}`,
        h('p', null, `The channel ${name} decodes no more. A channel of the configuration is there again after the next start, unless the change is kept: `, h('code', null, keep)), answer,
        h('div', { class: 'dialog-buttons' }, button, h('button', { onclick: () => box.close() }, 'Keep it')));
    button.onclick = () => void run(button, answer, async () => {
        await app.api.rpc('remove_channel', { channel: name });
        app.store.refresh();
        return `Removed ${name}.`;
    }).then(good => {
        if (!good) return;
        box.close();
        app.toast(`The channel ${name} was removed.`);
    });
}
