import type { App } from './app';
import { h, icon } from './dom';

/** Copies a text. On plain http from another machine a browser has no clipboard object, only the old way. */
async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const area = document.createElement('textarea');
        area.value = text;
        area.className = 'unseen';
        (document.querySelector('dialog[open]') ?? document.body).append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        return done;
    }
}

/** A button that copies a text. what: 'the line', for those who do not see it. */
export const copyButton = (app: App, what: string, words: string): HTMLElement =>
    h('button', { class: 'plain', 'aria-label': `Copy ${what}`, title: 'Copy', onclick: () =>
        void copyText(words).then(done => app.toast(done ? 'Copied.' : 'This browser does not let pages copy.', !done)) }, icon('copy'));
