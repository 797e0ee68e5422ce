import './style.css';
import { Api } from './api';
import type { App } from './app';
import { Keys } from './keys';
import { Link } from './link';
import { Router } from './router';
import { Settings } from './settings';
import { Shell } from './shell';
import { Sound } from './sound/sound';
import { Pasts } from './spectrum/past';
import { Store } from './store';
import { MessageLog } from './views/messages-log';

const settings = new Settings();
const api = new Api(settings);
const shell = new Shell();
const link = new Link(api);
const store = new Store(api);
const app: App = {
    api,
    settings,
    link,
    store,
    router: new Router(),
    keys: new Keys(),
    messages: new MessageLog({ link, store, settings }),
    sound: new Sound(link),
    pasts: new Pasts(),
    announce: text => shell.announce(text),
    toast: (text, bad) => shell.toast(text, bad),
};
shell.start(app);
// For tests, and for whoever looks in with the console of the browser.
Object.assign(globalThis, { hertzd: app });
