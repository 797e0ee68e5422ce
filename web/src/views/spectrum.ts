// The view Spectrum: spectrum and waterfall of a receiver, with its channels and what they heard.
import './spectrum.css';
import type { App, View } from '../app';
import { fill, h, icon, text } from '../dom';
import { bandwidth, clock, dbfs, duration, num } from '../format';
import { VOICE } from '../protocols';
import { Card } from '../spectrum/card';
import { CALM, displayForm, loadShown, paintBar } from '../spectrum/display';
import { Feed } from '../spectrum/feed';
import { readSpectrum, TYPE_SPECTRUM } from '../spectrum/frame';
import type { Channel as Drawn, Look } from '../spectrum/plot';
import { type Range, span } from '../spectrum/range';
import { Scope } from '../spectrum/scope';
import { Tip } from '../spectrum/tip';
import { tuneForm } from '../spectrum/tune';
import type { Channel, Message, Receiver, Status } from '../types';

const SILENT_MS = 3000; // no line for so long although one was asked for: say it

/** Channels of a decoder that takes the whole band are not a part of it. */
function drawn(c: Channel, receiver: Receiver): Drawn {
    const width = c.bandwidth_hz ?? 12_500;
    return {
        name: c.name, decoder: c.decoder, freq: c.freq_hz, width, wide: width > receiver.rate_hz * 0.4, state: c.state,
        squelch: c['squelch_db'] as number | undefined, level: c.level_dbfs, noise: c.noise_dbfs, messages: c.messages,
    };
}

function lookOf(el: HTMLElement): Look {
    const style = getComputedStyle(el);
    const v = (name: string): string => style.getPropertyValue(name).trim();
    return {
        back: v('--panel'), grid: v('--line'), text: v('--muted'), now: v('--sp-now'), mean: v('--sp-mean'), peak: v('--sp-peak'),
        always: v('--accent'), open: v('--good'), closed: v('--line-strong'), font: `11px ${v('--font')}`,
    };
}

function mount(el: HTMLElement, app: App): () => void {
    const calm = matchMedia('(prefers-reduced-motion: reduce)');
    const shown = loadShown(calm.matches);
    const stops: (() => void)[] = [];
    const on = (stop: () => void): void => void stops.push(stop);
    const time = (ms: number): string => clock(ms / 1e3, app.settings.values.time);

    let name = app.router.route.params.get('receiver') ?? '';
    let receiver: Receiver | undefined;
    let decoders: Promise<string[]> | undefined;
    let unsubscribe = (): void => undefined;
    let lastLine = performance.now();
    let refusal = '';
    let start: Range | undefined = rangeOf(app.router.route.params);

    // ---- parts ----

    let scope: Scope;
    const tip = new Tip(time, app.settings);
    const card = new Card(app, {
        closed: () => {
            scope.selected = '';
            scope.redraw();
        },
        zoom: c => { scope.zoom = { from: c.freq - c.width * 2.5, to: c.freq + c.width * 2.5 }; },
    });
    const feed = new Feed(app.link);

    const receivers = h('div', { class: 'receivers', role: 'group', 'aria-label': 'Receiver' });
    const pause = h('button', { 'aria-pressed': 'false', onclick: () => scope.pause(!scope.paused) });
    const whole = h('button', { onclick: () => { scope.zoom = undefined; } }, 'Whole', h('span', { class: 'long' }, 'band'));
    const where = h('span', { class: 'where', role: 'status' });
    const bar = h('canvas', { class: 'bar', 'aria-hidden': 'true' });
    const low = h('span'), high = h('span');
    const display = h('details', { class: 'menu' }, h('summary', { 'aria-label': 'Display' }, icon('gear'), h('span', { class: 'long' }, 'Display')), displayForm(shown, () => scope.scale, () => apply()));
    const tune = tuneForm(app, () => receiver);
    const tuning = h('details', { class: 'menu', hidden: true }, h('summary', null, 'Tune'), tune.el);
    const notice = h('div', { class: 'notice', role: 'status', hidden: true });
    const stage = h('div', { class: 'stage' }, notice);
    el.append(
        h('div', { class: 'bar-top' }, receivers,
            h('div', { class: 'group' }, pause,
                h('button', { 'aria-label': 'Zoom out', title: 'Zoom out (−)', onclick: () => scope.zoomMiddle(2) }, '−'),
                h('button', { 'aria-label': 'Zoom in', title: 'Zoom in (+)', onclick: () => scope.zoomMiddle(0.5) }, '+'), whole),
            where,
            h('div', { class: 'legend', 'aria-hidden': 'true' }, h('i', { class: 'l-now' }), 'now', h('i', { class: 'l-mean' }), 'mean',
                h('i', { class: 'l-peak' }), 'peak', h('span', { class: 'scale' }, low, bar, high)),
            tuning, display),
        h('div', { class: 'body' }, stage, card.el));

    // ---- what is shown ----

    function makeScope(of: string): Scope {
        const made = new Scope(app.pasts.of(of), {
            changed: () => {
                ask();
                showState();
            },
            chosen: (channel, message) => choose(channel, message),
            tapped: probe => {
                choose('');
                if (!app.store.control || !receiver) return;
                card.openPlace(roundTo(probe.hz, span(scope.view!) / scope.el.clientWidth), receiver.name, knownDecoders());
                tip.show(undefined, 0, 0);
            },
            probed: probe => tip.show(probe, scope.el.clientWidth, scope.el.clientHeight),
        });
        made.clock = time;
        return made;
    }

    function apply(): void {
        scope.map = shown.map;
        scope.manual = shown.auto ? undefined : { low: shown.low, high: shown.high };
        scope.look = lookOf(el);
        paintBar(bar, shown.map);
        scope.redraw();
        ask();
    }

    function ask(): void {
        const able = receiver?.name === name && scope.measured && !document.hidden && !scope.full;
        const fps = able ? (calm.matches ? Math.min(CALM, shown.fps) : shown.fps) : 0;
        if (fps > 0) scope.fps = fps;
        if (fps === 0) scope.history.gap();
        feed.set({ receiver: name, bins: scope.bins, fps, range: scope.zoom });
    }

    function showState(): void {
        const view = scope.view;
        fill(pause, icon(scope.paused ? 'play' : 'pause'), h('span', { class: 'long' }, scope.paused ? 'Live' : 'Pause'));
        pause.setAttribute('aria-label', scope.paused ? 'Go on' : 'Pause');
        pause.setAttribute('aria-pressed', String(scope.paused));
        pause.title = scope.paused ? 'Go on (p)' : 'Pause, then drag up to see what was (p)';
        whole.disabled = scope.zoom === undefined;
        if (!view) return;
        const part = `${(view.from / 1e6).toFixed(3)} – ${(view.to / 1e6).toFixed(3)} MHz, ${bandwidth(Math.round(span(view)))}`;
        text(where, scope.paused ? `${part}, ${duration(scope.behind)} ago` : part);
        scope.el.setAttribute('aria-label', `Spectrum and waterfall of ${name}, ${part}. Arrows move, plus and minus zoom, p pauses.`);
    }

    function choose(channel: string, message?: Message): void {
        const c = scope.channels.find(x => x.name === channel);
        tip.show(undefined, 0, 0);
        if (c) card.open(c, message);
        else card.close();
        scope.selected = c?.name ?? '';
        scope.redraw();
        if (c) app.announce(`${c.name}, ${c.decoder}, ${c.state}`);
    }

    function knownDecoders(): Promise<string[]> {
        return decoders ??= app.api.rpc<{ name: string }[]>('decoders').then(list => list.map(d => d.name), () => {
            decoders = undefined;
            return VOICE;
        });
    }

    /** The channel to the left or right of the chosen one. */
    function step(by: number): void {
        const list = [...scope.channels].sort((a, b) => a.freq - b.freq);
        const at = list.findIndex(c => c.name === scope.selected);
        const next = list[(at + by + list.length + (at < 0 && by < 0 ? 1 : 0)) % Math.max(1, list.length)];
        if (next) choose(next.name);
    }

    function setReceiver(next: string): void {
        name = next;
        refusal = '';
        scope?.close();
        scope = makeScope(name);
        scope.el.append(tip.el);
        stage.prepend(scope.el);
        tip.el.hidden = true;
        card.clear();
        apply();
        unsubscribe();
        if (name) unsubscribe = app.link.want({ receiver: [name], kind: ['message', 'state', 'gap'] });
    }

    function take(status: Status): void {
        const known = status.receivers.map(r => r.name);
        if (!known.includes(name) && known.length > 0) setReceiver(mostChannels(status));
        receiver = status.receivers.find(r => r.name === name);
        showReceivers(status.receivers);
        if (receiver) {
            const r = receiver;
            scope.channels = status.channels.filter(c => c.receiver === r.name).map(c => drawn(c, r));
            for (const c of scope.channels) card.update(c);
            if (r.rate_hz > 0) scope.setBand({ from: r.centre_hz - r.rate_hz / 2, to: r.centre_hz + r.rate_hz / 2 });
            if (start && scope.band) {
                scope.zoom = start;
                start = undefined;
            }
        }
        tuning.hidden = !app.store.control;
        tune.update();
        scope.redraw();
        low.textContent = num(scope.scale.low);
        high.textContent = dbfs(scope.scale.high, 0);
        ask();
        showState();
        tell();
    }

    function showReceivers(list: readonly Receiver[]): void {
        const key = list.map(r => r.name).join('\n') + name;
        if (receivers.dataset['key'] === key) return;
        receivers.dataset['key'] = key;
        receivers.hidden = list.length < 2;
        fill(receivers, list.map(r => h('button', {
            'aria-pressed': String(r.name === name),
            onclick: () => {
                setReceiver(r.name);
                app.router.go('spectrum', { receiver: r.name }, true);
                if (app.store.status) take(app.store.status);
            },
        }, r.name)));
    }

    /** Why there is no picture. */
    function tell(): void {
        let words = '';
        if (app.link.state !== 'open') words = 'No connection to hertzd. The picture goes on when it is back.';
        else if (!receiver) words = app.store.status ? 'hertzd has no receiver: see the view Now.' : '';
        else if (receiver.state !== 'streaming') words = `${receiver.name} is ${receiver.state}${receiver.reason ? `: ${receiver.reason}` : ''}`;
        else if (refusal) words = refusal;
        else if (!scope.paused && !document.hidden && performance.now() - lastLine > SILENT_MS) words = 'No spectrum has come for some seconds.';
        text(notice, words);
        notice.hidden = words === '';
    }

    // ---- what comes ----

    on(app.link.on('binary', frame => {
        if (frame.type !== TYPE_SPECTRUM) return;
        const line = readSpectrum(frame.data);
        if (!line || line.receiver !== name) return;
        if (performance.now() - lastLine > SILENT_MS) scope.history.gap();
        lastLine = performance.now();
        refusal = '';
        if (!notice.hidden) tell();
        scope.push(line);
        if (scope.full) ask();
    }));
    on(app.link.on('message', m => {
        if (m.receiver !== name) return;
        scope.message(m);
        card.message(m);
    }));
    on(app.link.on('line', line => {
        if (line.kind !== 'error' || !/spectrum|receiver/.test(String(line.error))) return;
        refusal = String(line.error);
        tell();
    }));
    on(app.link.on('state', state => {
        if (state !== 'open') scope.history.gap();
        tell();
    }));
    on(app.store.on('status', take));
    on(app.store.watch(1000));
    on(app.settings.on('change', () => apply()));
    const quiet = setInterval(tell, 1000);
    on(() => clearInterval(quiet));
    const stop = new AbortController();
    document.addEventListener('visibilitychange', () => ask(), { signal: stop.signal });
    calm.addEventListener('change', () => ask(), { signal: stop.signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(), { signal: stop.signal });
    const closeMenus = (but: EventTarget | null): void => {
        for (const menu of [display, tuning]) if (!(but instanceof Node && menu.contains(but))) menu.open = false;
    };
    document.addEventListener('pointerdown', e => closeMenus(e.target), { signal: stop.signal });
    on(() => stop.abort());
    on(app.keys.add('Spectrum', [
        { key: 'ArrowLeft', what: 'To lower frequencies', shown: '←', run: () => scope.panBy(-0.1) },
        { key: 'ArrowRight', what: 'To higher frequencies', shown: '→', run: () => scope.panBy(0.1) },
        { key: '+', what: 'Zoom in', run: () => scope.zoomMiddle(0.5) },
        { key: '-', what: 'Zoom out', shown: '−', run: () => scope.zoomMiddle(2) },
        { key: '0', what: 'The whole band', run: () => { scope.zoom = undefined; } },
        { key: 'p', what: 'Pause, go on', run: () => scope.pause(!scope.paused) },
        { key: 'ArrowDown', what: 'Back in time', shown: '↓', run: () => scope.back(shown.fps) },
        { key: 'ArrowUp', what: 'Forward in time', shown: '↑', run: () => scope.back(-shown.fps) },
        { key: '[', what: 'The channel before', run: () => step(-1) },
        { key: ']', what: 'The next channel', run: () => step(1) },
        { key: 'Escape', what: 'Close the panel', run: () => {
            choose('');
            closeMenus(null);
        } },
    ]));
    setReceiver(name);
    if (app.store.status) take(app.store.status);
    showState();
    return () => {
        feed.stop();
        unsubscribe();
        scope.close();
        for (const end of stops) end();
    };
}

/** The receiver to begin with: the one with the most to see. */
function mostChannels(status: Status): string {
    return [...status.receivers].sort((a, b) => b.channels - a.channels)[0]?.name ?? '';
}

/** A round frequency within a pixel: 1, 10, 100, … Hz. */
function roundTo(hz: number, pixel: number): number {
    const step = 10 ** Math.max(0, Math.floor(Math.log10(pixel)));
    return Math.round(hz / step) * step;
}

/** from and to of the address, in Hz. */
function rangeOf(params: URLSearchParams): Range | undefined {
    const from = Number(params.get('from')), to = Number(params.get('to'));
    return from > 0 && to > from ? { from, to } : undefined;
}

const view: View = { title: 'Spectrum', mount };
export default view;
