// The frame around the views: navigation, the state of the connection, settings, help, the token.
import type { App } from './app';
import { attr, fill, h, icon, text } from './dom';
import { askToken, showHelp, showSettings } from './dialogs';
import { clock } from './format';
import type { LinkState } from './link';
import { href, type Route } from './router';
import { watchVersion } from './update';
import { views } from './views';

const STATES: Record<LinkState, string> = {
    open: 'live',
    connecting: 'connecting',
    waiting: 'no connection',
    stopped: 'stopped',
};

export class Shell {
    private readonly main = h('main', { id: 'main', tabindex: '-1' });
    private readonly live = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
    private readonly toasts = h('div', { class: 'toasts' });
    private readonly banner = h('div', { class: 'banner', role: 'status', hidden: true });
    private readonly state = h('span', { class: 'link-text' });
    private readonly dot = h('span', { class: 'link', 'data-state': 'connecting' }, h('i', { class: 'dot' }), this.state);
    private readonly time = h('time', { class: 'clock' });
    private readonly listening = h('a', { class: 'listening', href: href('sound'), hidden: true });
    private readonly links = new Map<string, HTMLAnchorElement>();
    private app!: App;
    private unmount: () => void = () => undefined;

    announce(words: string): void {
        this.live.textContent = '';
        setTimeout(() => text(this.live, words), 50);
    }

    toast(words: string, bad = false): void {
        const el = h('div', { class: bad ? 'toast bad' : 'toast', role: bad ? 'alert' : 'status' }, words);
        this.toasts.append(el);
        setTimeout(() => el.remove(), bad ? 9000 : 4000);
    }

    start(app: App): void {
        this.app = app;
        this.build();
        app.router.on('view', route => this.show(route));
        app.settings.on('change', key => {
            if (key === 'units' || key === 'time') this.show(app.router.route);
            this.tick();
        });
        app.link.on('state', () => this.tick());
        app.store.on('trouble', () => this.tick());
        app.store.on('token', why => askToken(app, why));
        app.sound.on('change', () => this.showListening());
        app.sound.on('trouble', words => this.toast(words, true));
        watchVersion(app, this.banner);
        this.addKeys();
        setInterval(() => this.tick(), 1000);
        this.show(app.router.route);
        void this.begin();
    }

    private async begin(): Promise<void> {
        if (!(await this.app.store.ask())) return;
        this.app.store.refresh();
        this.app.link.start();
    }

    private build(): void {
        const nav = h('nav', { 'aria-label': 'Views' },
            views.map(({ name, icon: sign, view }) => {
                const a = h('a', { href: href(name) }, icon(sign), h('span', null, view.title));
                this.links.set(name, a);
                return a;
            }));
        document.body.append(
            h('a', { class: 'skip', href: '#main', onclick: (e: Event) => {
                e.preventDefault();
                this.main.focus();
            } }, 'Skip to the content'),
            h('header', { class: 'top' },
                h('a', { class: 'brand', href: href('now') }, h('img', { src: 'icon.svg', alt: '', width: 22, height: 22 }), 'hertzd'),
                nav,
                h('div', { class: 'tools' }, this.listening, this.dot, this.time,
                    h('button', { class: 'plain', title: 'Keys and help (?)', 'aria-label': 'Keys and help', onclick: () => showHelp(this.app) }, icon('help')),
                    h('button', { class: 'plain', title: 'Settings', 'aria-label': 'Settings', onclick: () => showSettings(this.app) }, icon('gear')))),
            this.banner, this.main, this.toasts, this.live);
    }

    private show(route: Route): void {
        const chosen = views.find(v => v.name === route.view);
        if (!chosen) {
            location.replace(href('now'));
            return;
        }
        this.unmount();
        fill(this.main);
        this.main.className = `view-${chosen.name}`;
        document.title = `${chosen.view.title} – hertzd`;
        for (const [name, a] of this.links) attr(a, 'aria-current', name === chosen.name ? 'page' : null);
        this.main.append(h('h1', { class: 'unseen' }, chosen.view.title));
        const el = h('div', { class: 'view' });
        this.main.append(el);
        this.unmount = chosen.view.mount(el, this.app);
    }

    private tick(): void {
        const { link, store, settings } = this.app;
        let words = STATES[link.state];
        if (link.state === 'waiting') words += `, again in ${Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000))} s`;
        text(this.state, words);
        attr(this.dot, 'data-state', link.state === 'open' && store.trouble ? 'waiting' : link.state);
        const mode = settings.values.time;
        text(this.time, clock(Date.now() / 1000, mode) + (mode === 'utc' ? ' UTC' : ''));
    }

    /** What is played, in whatever view. */
    private showListening(): void {
        const { channels } = this.app.sound;
        this.listening.hidden = channels.length === 0;
        fill(this.listening, icon('sound'), h('span', null, channels.length === 1 ? channels[0] : `${channels.length} channels`));
        attr(this.listening, 'aria-label', `Listening to ${channels.join(', ')}`);
    }

    private addKeys(): void {
        this.app.keys.add('Everywhere', [
            ...views.map(({ name, view }, i) => ({ key: String(i + 1), what: view.title, run: () => this.app.router.go(name) })),
            { key: '?', what: 'Keys and help', run: () => showHelp(this.app) },
            { key: ',', what: 'Settings', run: () => showSettings(this.app) },
        ]);
    }
}
