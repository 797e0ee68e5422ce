import './style.css';
import { Api } from './api';
import type { App } from './app';
import { Keys } from './keys';
import { Link } from './link';
import { Router } from './router';
import { Settings } from './settings';
import { Shell } from './shell';
import { Store } from './store';

const settings = new Settings();
const api = new Api(settings);
const shell = new Shell();
const app: App = {
    api,
    settings,
    link: new Link(api),
    store: new Store(api),
    router: new Router(),
    keys: new Keys(),
    announce: text => shell.announce(text),
    toast: (text, bad) => shell.toast(text, bad),
};
shell.start(app);
