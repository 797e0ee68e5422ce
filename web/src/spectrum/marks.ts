// Where decoded bursts were, in time and frequency, to be drawn over the waterfall.
import type { Message } from '../types';

export interface Mark {
    time: number; // ms since 1970, of the start
    ms: number; // how long it was on the air
    from: number; // Hz
    to: number;
    wide: boolean; // of a decoder of the whole band: a box would hide everything
    message: Message;
}

const LIMIT = 6000; // marks of one receiver; ADS-B alone may have 40 lines' worth of 100 each

/** Milliseconds since 1970 of a time with nanoseconds, which Date.parse would cut. */
function millis(time: string): number {
    const whole = Date.parse(time.slice(0, 19) + 'Z');
    return whole + Number('0' + time.slice(19, -1)) * 1e3;
}

function bytes(m: Message): number {
    return (m.raw ?? '').length / 2;
}

function member(m: Message, name: string): number | undefined {
    const value = (m[m.protocol] as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'number' ? value : undefined;
}

/** How long the burst of a message was, in ms: from what the message says, or from its bits and the
 * rate of its protocol, without stuffed bits. */
function airTime(m: Message): number {
    const seconds = member(m, 'duration_s');
    if (seconds !== undefined)
        return seconds * 1e3;
    switch (m.protocol) {
    case 'adsb':
        return (8 + bytes(m) * 8) / 1e3;
    case 'ais':
        return (24 + 8 + (bytes(m) + 2) * 8 + 8) / 9.6;
    case 'aprs':
        return ((bytes(m) + 2) * 8 + 16) / 1.2;
    case 'ax25-9600':
        return ((bytes(m) + 2) * 8 + 16) / 9.6;
    case 'pocsag':
        return (bytes(m) * 8) / (member(m, 'baud') ?? 1200) * 1e3; // its time is that of the page, after the preamble
    default:
        return 10;
    }
}

/** The marks of one receiver, in the order in which they came. */
export class Marks {
    list: Mark[] = [];

    add(m: Message, width: number, wide: boolean): Mark {
        const middle = m.freq_hz + (wide ? 0 : m.offset_hz ?? 0);
        const mark = {
            time: millis(m.time), ms: airTime(m), from: middle - width / 2, to: middle + width / 2,
            wide, message: m,
        };
        this.list.push(mark);
        if (this.list.length > LIMIT)
            this.list.splice(0, LIMIT / 4);
        return mark;
    }

    /** Drops those that ended before that time. */
    forget(before: number): void {
        let n = 0;
        while (n < this.list.length && this.list[n]!.time + this.list[n]!.ms < before)
            n++;
        if (n > 200)
            this.list.splice(0, n);
    }

    /** Those at a frequency between two times; the newest first, `most` of them. */
    near(hz: number, slackHz: number, start: number, end: number, most: number): Mark[] {
        const found: Mark[] = [];
        for (let i = this.list.length - 1; i >= 0 && found.length < most; i--) {
            const m = this.list[i]!;
            if (m.time <= end && m.time + m.ms >= start &&
                (m.wide || (m.from - slackHz <= hz && hz <= m.to + slackHz)))
                found.push(m);
        }
        return found;
    }
}
