// The daemon may be another one after a restart, with another page in it. Then this one says so: a person
// may be in the middle of something, so it does not reload by itself unless nobody sees it.
import type { App } from './app';
import { fill, h } from './dom';

export function watchVersion(app: App, banner: HTMLElement): void {
    let loaded: string | null = null;

    const tag = async (): Promise<string | null> => {
        try {
            return (await app.api.fetch('app.js', { method: 'HEAD' })).headers.get('etag');
        } catch {
            return null;
        }
    };

    app.link.on('hello', async hello => {
        const now = await tag();
        if (!now) return;
        loaded ??= now;
        if (now === loaded) return;
        if (document.hidden) {
            location.reload();
            return;
        }
        fill(banner, `hertzd was updated (${hello.version}). This page is of the version before. `,
            h('button', { onclick: () => location.reload() }, 'Reload'));
        banner.hidden = false;
    });
}
