// The last transmissions of speech: from the stream, from the daemon's recordings, and what of them this page
// can play again.
import type { App } from '../app';
import { attr, fill, h, icon } from '../dom';
import { clock, date, db, duration, millis } from '../format';
import type { Message } from '../types';

interface Recording {
    name: string;
    file: string;
    channel: string;
    time: string | number;
    seconds: number;
    format: string;
}

interface Row {
    channel: string;
    time: number; // ms since 1970
    seconds: number;
    snr: number | undefined;
    tone: string;
    file: string; // '': not recorded
}

const MOST = 200;
const SAME_MS = 1500; // a recording and a message of one transmission
const SHOWN = 60;

export class Past {
    readonly el = h('section', { class: 'past', 'aria-label': 'Last transmissions' });
    private rows: Row[] = [];
    private readonly list = h('ol');
    private readonly buttons = new Map<string, HTMLButtonElement>();
    private drawTimer = 0;
    private askTimer = 0;
    private recorded = true; // until the daemon says that it has no such thing

    constructor(private readonly app: App) {
        fill(this.el, h('header', null, h('h2', null, 'Last transmissions')), this.list);
        this.draw();
        this.ask(0);
    }

    close(): void {
        clearTimeout(this.drawTimer);
        clearTimeout(this.askTimer);
    }

    message(m: Message): void {
        const said = (m[m.protocol] ?? {}) as { duration_s?: number; ctcss_hz?: number; dcs?: string };
        this.add({
            channel: m.channel, time: millis(m.time), seconds: said.duration_s ?? 0, snr: m.snr_db,
            tone: said.ctcss_hz ? `${said.ctcss_hz} Hz` : said.dcs ? `DCS ${said.dcs}` : '', file: '',
        });
        this.ask(2000);
    }

    /** What can be played may have changed. */
    update(): void {
        for (const row of this.rows) {
            const button = this.buttons.get(this.key(row));
            if (button) this.dress(button, row);
        }
    }

    private key(row: Row): string {
        return `${row.channel} ${row.time}`;
    }

    private add(row: Row): void {
        const same = this.rows.find(r => r.channel === row.channel && Math.abs(r.time - row.time) < SAME_MS);
        if (same) {
            same.file ||= row.file;
            same.snr ??= row.snr;
            same.tone ||= row.tone;
        } else {
            this.rows.push(row);
            this.rows.sort((a, b) => b.time - a.time);
            this.rows.length = Math.min(this.rows.length, MOST);
        }
        this.drawTimer ||= window.setTimeout(() => this.draw(), 100);
    }

    private ask(later: number): void {
        if (!this.recorded) return;
        clearTimeout(this.askTimer);
        this.askTimer = window.setTimeout(() => void this.fetch(), later);
    }

    private async fetch(): Promise<void> {
        try {
            const { recordings } = await this.app.api.json<{ recordings: Recording[] }>('recordings');
            for (const r of recordings.slice(0, MOST))
                this.add({ channel: r.channel, time: millis(r.time), seconds: r.seconds, snr: undefined, tone: '', file: r.file });
        } catch {
            this.recorded = false; // none are made; what this page kept can be played
        }
    }

    private draw(): void {
        this.drawTimer = 0;
        this.buttons.clear();
        const mode = this.app.settings.values.time;
        let day = '';
        fill(this.list, this.rows.length === 0 && h('li', { class: 'empty' }, 'Nobody has talked yet.'),
            this.rows.slice(0, SHOWN).map(row => {
                const button = h('button', { class: 'plain' });
                button.addEventListener('click', () => this.toggle(row));
                this.buttons.set(this.key(row), button);
                this.dress(button, row);
                const on = date(row.time / 1e3, mode);
                const today = day === '' || on === day ? '' : `${on} `;
                day = on;
                return h('li', null, button,
                    h('time', { datetime: new Date(row.time).toISOString() }, today + clock(row.time / 1e3, mode)),
                    h('b', null, row.channel), h('span', null, duration(row.seconds)),
                    h('span', { class: 'muted' }, row.snr === undefined ? '' : db(row.snr, 0)),
                    h('span', { class: 'muted' }, row.tone), h('span', { class: 'muted' }, row.file ? 'recorded' : ''));
            }));
    }

    private dress(button: HTMLButtonElement, row: Row): void {
        const playing = this.app.sound.replaying === this.key(row);
        const can = playing || row.file !== '' || this.app.sound.kept.find(row.channel, row.time) !== undefined;
        button.disabled = !can;
        const state = playing ? 'Stop' : 'Play';
        if (button.dataset['state'] !== state) {
            button.dataset['state'] = state;
            fill(button, icon(playing ? 'pause' : 'play'));
        }
        attr(button, 'title', can ? null : 'It was not recorded, and this page did not listen');
        attr(button, 'aria-label', `${state} ${row.channel} of ${clock(row.time / 1e3, this.app.settings.values.time)}`);
    }

    private toggle(row: Row): void {
        const key = this.key(row);
        const { sound, api } = this.app;
        if (sound.replaying === key) {
            sound.stopReplay();
            return;
        }
        const kept = sound.kept.find(row.channel, row.time);
        if (row.file) sound.again(key, row.channel, { url: api.urlWithToken(`recordings/${row.file}`) });
        else if (kept) sound.again(key, row.channel, { kept });
    }
}
