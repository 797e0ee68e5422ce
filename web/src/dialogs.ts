// Settings, help, the question for a token: modal dialogs of the browser, which keep the focus inside.
import type { App } from './app';
import { h, icon, type Child } from './dom';
import type { Values } from './settings';

/** Opens a dialog; it is removed when it closes. */
export function dialog(title: string, ...content: Child[]): HTMLDialogElement {
    const close = h('button', { class: 'plain', 'aria-label': 'Close', onclick: () => el.close() }, icon('close'));
    const el = h('dialog', { 'aria-label': title }, h('header', null, h('h2', null, title), close), ...content);
    el.addEventListener('close', () => el.remove());
    el.addEventListener('click', e => {
        if (e.target === el) el.close();
    });
    document.body.append(el);
    el.showModal();
    return el;
}

function choice<K extends 'theme' | 'units' | 'time'>(app: App, key: K, title: string, options: [Values[K], string][]): HTMLElement {
    return h('fieldset', { class: 'choice' }, h('legend', null, title),
        options.map(([value, label]) => {
            const input = h('input', { type: 'radio', name: key, value, onchange: () => app.settings.set(key, value) });
            input.checked = app.settings.values[key] === value;
            return h('label', null, input, h('span', null, label));
        }));
}

export function showSettings(app: App): void {
    const { who, status } = app.store;
    dialog('Settings',
        choice(app, 'theme', 'Colours', [['auto', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]),
        choice(app, 'units', 'Units', [['metric', 'Metric'], ['aeronautical', 'Aeronautical'], ['nautical', 'Nautical']]),
        choice(app, 'time', 'Times', [['local', 'Local'], ['utc', 'UTC']]),
        h('section', { class: 'about' },
            h('p', null, who?.role === 'control' ? 'This browser may read and change settings of the daemon.' : 'This browser may read.',
                ' ', h('button', { class: 'link-button', onclick: () => askToken(app, '') }, app.settings.values.token ? 'Change the token' : 'Enter a token')),
            h('p', { class: 'muted' }, status ? `hertzd ${status.version}` : 'hertzd', ' · ',
                h('a', { href: app.api.url('NOTICES.txt').href, target: '_blank', rel: 'noopener' }, 'third-party notices'), ' · ',
                h('a', { href: app.api.urlWithToken('status').href, target: '_blank', rel: 'noopener' }, 'status as JSON'))));
}

export function showHelp(app: App): void {
    dialog('Keys', h('div', { class: 'keys' }, app.keys.list().map(({ title, keys }) => [
        h('h3', null, title),
        h('dl', null, keys.map(k => [h('dt', null, h('kbd', null, k.shown ?? k.key)), h('dd', null, k.what)])),
    ])));
}

let asking: HTMLDialogElement | null = null;

/** Asks for a token and begins anew with it. why: the daemon's words, '' if the person wants to change it. */
export function askToken(app: App, why: string): void {
    if (asking?.open) return;
    if (why) app.link.stop();
    const input = h('input', { type: 'password', name: 'token', autocomplete: 'current-password', spellcheck: 'false', id: 'token', value: app.settings.values.token });
    const form = h('form', { method: 'dialog', class: 'token', onsubmit: (e: Event) => {
        e.preventDefault();
        app.settings.set('token', input.value.trim());
        asking?.close();
        void app.store.ask().then(good => {
            if (!good) return;
            app.store.refresh();
            app.link.restart();
        });
    } },
    why && h('p', { class: 'problem', role: 'alert' }, why),
    h('label', { for: 'token' }, 'Token'), input,
    h('p', { class: 'muted' }, 'A line of the file that ', h('code', null, 'tokens ='), ' of the listener names. It is kept in this browser only.'),
    h('button', { class: 'primary' }, 'Use it'));
    asking = dialog('hertzd asks for a token', form);
}
