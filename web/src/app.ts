// What every view gets.
import type { Api } from './api';
import type { Keys } from './keys';
import type { Link } from './link';
import type { Router } from './router';
import type { Settings } from './settings';
import type { Sound } from './sound/sound';
import type { Pasts } from './spectrum/past';
import type { Store } from './store';
import type { MessageLog } from './views/messages-log';

export interface App {
    api: Api;
    link: Link;
    store: Store;
    settings: Settings;
    router: Router;
    keys: Keys;
    messages: MessageLog;
    sound: Sound;
    pasts: Pasts;
    /** Says a text to a screen reader, politely. */
    announce(text: string): void;
    /** Shows a short notice for some seconds, and says it. */
    toast(text: string, bad?: boolean): void;
}

/** A view of the page: a file of src/views, and a line in src/views.ts. */
export interface View {
    title: string;
    /** Fills the element, which is empty. The result ends everything that it began. */
    mount(el: HTMLElement, app: App): () => void;
}
