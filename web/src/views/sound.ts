// The view Sound: channels of speech to listen to, and what was said last.
import './sound.css';
import type { App, View } from '../app';
import { h, icon, text } from '../dom';
import { VOICE, isVoice } from '../protocols';
import { Past } from '../sound/past';
import { Strip } from '../sound/strip';
import type { Message, Status } from '../types';

const METER_MS = 66;

function mount(el: HTMLElement, app: App): () => void {
    const stops: (() => void)[] = [];
    const on = (stop: () => void): void => void stops.push(stop);
    const strips = new Map<string, Strip>();
    const wanted = app.router.route.params.get('channel') ?? '';
    const summary = h('p', { class: 'summary', role: 'status' });
    const stopAll = h('button', { disabled: true, onclick: () => app.sound.stopAll() }, icon('pause'), 'Stop all');
    const list = h('ul', { class: 'strips', 'aria-label': 'Channels of speech' });
    const none = h('p', { class: 'empty', hidden: true }, 'No channel of speech: add one with the decoder nfm or am.');
    const past = new Past(app);
    el.append(h('div', { class: 'sound' },
        h('section', null, h('header', null, h('h2', null, 'Channels'), summary, stopAll), list, none), past.el));

    function take(status: Status): void {
        const channels = status.channels.filter(c => isVoice(c.decoder));
        const gone = new Set(strips.keys());
        for (const c of channels) {
            gone.delete(c.name);
            const strip = strips.get(c.name);
            if (strip) {
                strip.update(c);
                continue;
            }
            const made = new Strip(app, c);
            strips.set(c.name, made);
            list.append(made.el);
            if (c.name === wanted) made.el.querySelector('button')?.focus();
        }
        for (const name of gone) {
            strips.get(name)!.el.remove();
            strips.delete(name);
            app.sound.stop(name);
        }
        none.hidden = channels.length > 0;
        sum();
    }

    function sum(): void {
        const talking = [...strips].filter(([, s]) => s.talking).map(([name]) => name);
        const n = app.sound.channels.length;
        text(summary, [talking.length ? `Talking: ${talking.join(', ')}` : 'All quiet', n ? `listening to ${n}` : ''].filter(Boolean).join(' · '));
        stopAll.disabled = n === 0 && app.sound.replaying === '';
    }

    on(app.store.on('status', take));
    on(app.store.watch(1000));
    on(app.sound.on('change', () => {
        if (app.store.status) take(app.store.status);
        past.update();
    }));
    on(app.link.on('message', (m: Message) => {
        if (isVoice(m.protocol)) past.message(m);
    }));
    on(app.link.on('ended', () => { unwant = want(); }));

    // What was said before is in the daemon's log.
    const want = (): (() => void) => app.link.want({ protocol: VOICE, kind: ['message'] }, 0);
    let unwant = want();
    const first = app.link.stream === '' ? app.link.on('hello', () => {
        first();
        unwant = want();
    }) : (): void => undefined;
    on(() => first());
    on(() => unwant());
    const meters = setInterval(() => {
        if (!document.hidden) for (const s of strips.values()) s.animate();
    }, METER_MS);
    on(() => clearInterval(meters));
    on(app.keys.add('Sound', [{ key: 's', what: 'Stop all sound', run: () => app.sound.stopAll() }]));
    if (app.store.status) take(app.store.status);
    return () => {
        past.close();
        for (const end of stops) end();
    };
}

const view: View = { title: 'Sound', mount };
export default view;
