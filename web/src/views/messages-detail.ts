// One message: what it says, its envelope, its fields with unit and meaning, its bytes, and the same stream for
// programs.
import fields from 'fields:';
import type { App } from '../app';
import { copyButton } from '../clipboard';
import { h, icon, type Child } from '../dom';
import { clock, date, db, dbfs, frequency, num } from '../format';
import { streamPanel } from '../getstream';
import { badge, chip } from '../parts';
import { href } from '../router';
import { fieldsOf, longText, summary } from '../summary';
import type { Message } from '../types';

type Meaning = [unit: string, meaning: string];

function meaning(protocol: string, name: string): Meaning {
    const table = fields[protocol];
    const own = typeof table === 'string' ? fields[table] : table;
    return (typeof own === 'object' ? own[name] : undefined) ?? ['', ''];
}

function show(value: unknown): string {
    if (typeof value === 'number') return String(value).replace('-', '−');
    if (typeof value === 'string') return value;
    if (Array.isArray(value) && value.every(v => typeof v !== 'object')) return value.join(', ');
    return JSON.stringify(value);
}

function row(protocol: string, path: string, label: string, value: unknown): Child {
    const [unit, what] = meaning(protocol, path);
    return h('tr', null, h('th', { scope: 'row' }, label),
        h('td', null, h('div', { class: 'field-value' }, show(value), unit && h('span', { class: 'muted' }, ` ${unit}`)), what && h('div', { class: 'field-what' }, what)));
}

/** The rows of an object; objects in it, and arrays of objects, have rows of their own. */
function rows(protocol: string, object: Record<string, unknown>, path = ''): Child[] {
    return Object.entries(object).flatMap(([name, value]): Child[] => {
        const full = path + name;
        if (Array.isArray(value) && value.some(v => v && typeof v === 'object'))
            return value.flatMap((v, i) => rows(protocol, v as Record<string, unknown>, `${full}.`).map(r => {
                (r as HTMLElement).querySelector('th')!.prepend(`${name} ${i + 1} `);
                return r;
            }));
        if (value && typeof value === 'object' && !Array.isArray(value)) return rows(protocol, value as Record<string, unknown>, `${full}.`);
        return [row(protocol, full, name, value)];
    });
}

function envelope(app: App, m: Message): Child {
    const mode = app.settings.values.time;
    const line = (name: string, ...value: Child[]): Child => value.some(v => v !== '' && v !== null && v !== undefined) && [h('dt', null, name), h('dd', null, value)];
    return h('dl', { class: 'envelope' },
        line('Time', h('time', { datetime: m.time }, `${date(m.time, mode)} ${clock(m.time, mode, 3)}${mode === 'utc' ? ' UTC' : ''}`)),
        line('Frequency', frequency(m.freq_hz), m.offset_hz !== undefined && h('span', { class: 'muted' }, ` ${m.offset_hz < 0 ? '−' : '+'}${num(Math.abs(m.offset_hz))} Hz`)),
        line('Signal', m.snr_db === undefined ? '' : [db(m.snr_db), h('span', { class: 'muted' }, ` over the noise · ${dbfs(m.rssi_dbfs)} over ${dbfs(m.noise_dbfs)}`)]),
        line('Channel', h('a', { href: href('messages', { channel: m.channel }) }, m.channel), h('span', { class: 'muted' }, ` of ${m.receiver}`)),
        line('Heard by', m.heard ? m.heard.map(c => `${c.channel} (${c.receiver}) ${db(c.snr_db)}`).join(', ') : ''),
        line('Corrected', m.fixed_bits ? `${m.fixed_bits} ${m.fixed_bits === 1 ? 'bit' : 'bits'}` : ''),
        line('Number', num(m.seq), h('span', { class: 'muted' }, ` · sample ${num(m.sample)}`)));
}

export function detail(app: App, m: Message, name: string, close: () => void): HTMLElement {
    const s = summary(m, app.settings.values.units), long = longText(m);
    const only = { kind: ['message'], protocol: [m.protocol], ...(s.id ? { id: [s.id] } : { channel: [m.channel] }) };
    return h('section', { class: 'detail', 'aria-label': 'The message', tabindex: '-1' },
        h('header', null, badge(m.protocol), h('h2', null, [s.name || name, s.id].filter(Boolean).join(' · ') || m.channel),
            m.simulated && chip('simulated', 'warn'), m.replayed && chip('recording', 'warn'),
            h('button', { class: 'plain', 'aria-label': 'Close the message', title: 'Close (Escape)', onclick: close }, icon('close'))),
        h('div', { class: 'detail-body' },
            long ? h('blockquote', { class: 'long-text' }, long) : h('p', { class: 'detail-text' }, s.text),
            s.id && h('p', { class: 'detail-links' }, h('a', { href: href('messages', { protocol: m.protocol, id: s.id }) }, 'Only of this sender'),
                fieldsOf(m)['lat'] !== undefined && h('a', { href: href('map', { id: s.id }) }, 'On the map')),
            envelope(app, m),
            h('h3', null, 'Fields'),
            h('table', { class: 'fields' }, h('thead', { class: 'unseen' }, h('tr', null, h('th', { scope: 'col' }, 'Field'), h('th', { scope: 'col' }, 'Value and meaning'))),
                h('tbody', null, rows(m.protocol, fieldsOf(m)))),
            m.raw && [h('h3', null, 'Frame ', copyButton(app, 'the frame', m.raw)), h('p', { class: 'raw mono' }, m.raw.replace(/(..)/g, '$1 ').trim())],
            h('h3', null, 'Line ', copyButton(app, 'the line', JSON.stringify(m))),
            h('details', null, h('summary', null, 'As JSON'), h('pre', { tabindex: '0' }, JSON.stringify(m, null, 1))),
            h('h3', null, s.id ? 'The stream of this sender' : 'The stream of this channel'),
            streamPanel(app, only)));
}
