// A channel of speech in the view Sound: play, volume, level, whether somebody talks.
import type { App } from '../app';
import { attr, fill, h, icon, text } from '../dom';
import { ago, frequency } from '../format';
import type { Channel } from '../types';
import { Meter } from './meter';

export class Strip {
    readonly el = h('li', { class: 'strip' });
    private readonly play = h('button', { class: 'play' });
    private readonly name = h('h2');
    private readonly about = h('p', { class: 'muted' });
    private readonly state = h('span', { class: 'state' });
    private readonly detail = h('span', { class: 'muted detail' });
    private readonly meter = new Meter();
    private readonly volume = h('input', { type: 'range', min: 0, max: 1, step: 0.05 });
    private channel!: Channel;
    private playing: boolean | undefined;

    constructor(private readonly app: App, channel: Channel) {
        this.play.addEventListener('click', () => app.sound.toggle(this.channel.name));
        this.volume.setAttribute('aria-label', `Volume of ${channel.name}`);
        this.volume.value = String(app.sound.loudness(channel.name));
        this.volume.addEventListener('input', () => app.sound.setLoudness(channel.name, Number(this.volume.value)));
        fill(this.el, this.play,
            h('div', { class: 'who' }, this.name, this.about),
            h('div', { class: 'says' }, this.state, this.detail),
            this.meter.el,
            h('label', { class: 'volume' }, icon('sound'), this.volume));
        this.update(channel);
    }

    /** Somebody talks: by the packets while it is played, else by the squelch. */
    get talking(): boolean {
        const voice = this.app.sound.voice(this.channel.name);
        return voice?.talking || this.channel.state === 'decoding';
    }

    update(channel: Channel): void {
        this.channel = channel;
        const { name, decoder, freq_hz: freq, last_message_age_s: age } = channel;
        const voice = this.app.sound.voice(name);
        const playing = voice !== undefined;
        text(this.name, name);
        text(this.about, `${frequency(freq)} · ${decoder.toUpperCase()}`);
        if (playing !== this.playing) {
            fill(this.play, icon(playing ? 'pause' : 'play'));
            attr(this.play, 'aria-label', playing ? `Stop ${name}` : `Listen to ${name}`);
            attr(this.play, 'aria-pressed', String(playing));
            this.playing = playing;
        }
        const failed = channel.state === 'failed' || channel.state === 'waiting';
        attr(this.el, 'data-talking', this.talking ? '' : null);
        text(this.state, this.talking ? 'talking' : failed ? channel.state : 'quiet');
        text(this.detail, failed && channel.error ? channel.error
            : playing && !this.talking ? 'listening'
            : this.talking ? '' : age === undefined ? 'nothing heard yet' : `last ${ago(age)}`);
        attr(this.el, 'data-decoder', voice ? voice.kind : null);
        this.animate();
    }

    animate(): void {
        const voice = this.app.sound.voice(this.channel.name);
        const { level_dbfs: level, noise_dbfs: noise } = this.channel;
        if (voice?.talking) this.meter.sound(voice.level);
        else this.meter.signal(level === undefined || noise === undefined ? undefined : Math.max(0, level - noise));
    }
}
