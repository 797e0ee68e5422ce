// Numbers, units and times for people. Values come in the units of docs/messages.md; what is shown is by
// the settings.
import type { Values } from './settings';

export const NBSP = '\u00a0';
export const DASH = '–';
const THIN = '\u202f';

/** 12345.6 with groups: 12 345.6 */
export function num(value: number, digits = 0): string {
    if (!Number.isFinite(value)) return DASH;
    const [whole = '', part] = Math.abs(value).toFixed(digits).split('.');
    const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole;
    return (value < 0 && Number(value.toFixed(digits)) !== 0 ? '−' : '') + grouped + (part ? `.${part}` : '');
}

const withUnit = (value: string, unit: string): string => (unit ? value + NBSP + unit : value);

/** 162.025: at least three decimals, more where they are not zero. */
export const megahertz = (hz: number): string => (hz / 1e6).toFixed(6).replace(/0{1,3}$/, '');
export const frequency = (hz: number): string => withUnit(megahertz(hz), 'MHz');

/** 2.4 MHz, 12.5 kHz */
export function bandwidth(hz: number): string {
    return hz >= 1e6 ? withUnit(trim(hz / 1e6, 3), 'MHz') : hz >= 1000 ? withUnit(trim(hz / 1000, 3), 'kHz') : withUnit(num(hz), 'Hz');
}

function trim(value: number, digits: number): string {
    return String(Number(value.toFixed(digits)));
}

export const db = (value: number | undefined | null, digits = 1): string =>
    value === undefined || value === null ? DASH : withUnit(num(value, digits), 'dB');
export const dbfs = (value: number | undefined | null, digits = 1): string =>
    value === undefined || value === null ? DASH : withUnit(num(value, digits), 'dBFS');
export const percent = (value: number, digits = 1): string => withUnit(num(value, digits), '%');
export const ppm = (value: number | undefined): string => (value === undefined ? DASH : withUnit((value > 0 ? '+' : '') + num(value, 1), 'ppm'));

export function bytes(n: number): string {
    for (const [unit, size] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]] as const)
        if (n >= size) return withUnit(num(n / size, n / size < 10 ? 1 : 0), unit);
    return withUnit(num(n), 'B');
}

/** A length of time: 4.2 s, 3 min 20 s, 2 h 5 min, 3 d 4 h */
export function duration(seconds: number): string {
    const s = Math.max(0, seconds);
    if (s < 10) return withUnit(num(s, Number.isInteger(s) ? 0 : 1), 's');
    if (s < 60) return withUnit(num(Math.floor(s)), 's');
    if (s < 3600) return two(Math.floor(s / 60), 'min', Math.floor(s % 60), 's');
    if (s < 86400) return two(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min');
    return two(Math.floor(s / 86400), 'd', Math.floor((s % 86400) / 3600), 'h');
}

function two(a: number, unitA: string, b: number, unitB: string): string {
    return withUnit(String(a), unitA) + (b > 0 ? ` ${withUnit(String(b), unitB)}` : '');
}

export const ago = (seconds: number): string => (seconds < 1 ? 'now' : `${duration(Math.floor(seconds))} ago`);

/** A rate of messages: 1 234 /min; below 10 with a decimal. */
export const perMinute = (value: number | null): string => (value === null ? DASH : num(value, value > 0 && value < 10 ? 1 : 0));

export type Units = Values['units'];

/** Speed over ground, from knots. */
export const speed = (kt: number, units: Units): string =>
    units === 'metric' ? withUnit(num(kt * 1.852), 'km/h') : withUnit(num(kt, kt < 50 ? 1 : 0), 'kt');

/** Height, from feet. */
export const height = (ft: number, units: Units): string =>
    units === 'aeronautical' ? withUnit(num(ft), 'ft') : withUnit(num(ft * 0.3048), 'm');

/** Rate of climb, from ft/min. */
export const climb = (ftMin: number, units: Units): string =>
    units === 'aeronautical' ? withUnit(num(ftMin), 'ft/min') : withUnit(num(ftMin * 0.00508, 1), 'm/s');

/** The unit of long distances. */
export const unitMetres = (units: Units): [metres: number, name: string] => (units === 'metric' ? [1000, 'km'] : [1852, 'NM']);

/** Distance over ground, from metres. */
export function distance(m: number, units: Units): string {
    const [size, unit] = unitMetres(units);
    const value = m / size;
    if (units === 'metric' && m < 1000) return withUnit(num(m), 'm');
    return withUnit(num(value, value < 10 ? 2 : value < 100 ? 1 : 0), unit);
}

/** A position: 53.1234° N 8.5678° E */
export const position = (lat: number, lon: number): string =>
    `${Math.abs(lat).toFixed(4)}°${NBSP}${lat < 0 ? 'S' : 'N'} ${Math.abs(lon).toFixed(4)}°${NBSP}${lon < 0 ? 'W' : 'E'}`;

export const degrees = (value: number, digits = 0): string => `${num(value, digits)}°`;

const pad = (n: number): string => String(n).padStart(2, '0');

/** Milliseconds since 1970 of a time as hertzd writes it (nanoseconds) or of UNIX seconds. */
export const millis = (time: string | number): number => (typeof time === 'number' ? time * 1000 : Date.parse(time));

/** 14:03:22, or with fraction digits 14:03:22.123 */
export function clock(time: string | number, mode: Values['time'], digits = 0): string {
    const ms = millis(time);
    if (!Number.isFinite(ms)) return DASH;
    const d = new Date(ms), utc = mode === 'utc';
    const text = `${pad(utc ? d.getUTCHours() : d.getHours())}:${pad(utc ? d.getUTCMinutes() : d.getMinutes())}:${pad(utc ? d.getUTCSeconds() : d.getSeconds())}`;
    return digits ? `${text}.${String(d.getUTCMilliseconds()).padStart(3, '0').slice(0, digits)}` : text;
}

/** 2026-11-30 */
export function date(time: string | number, mode: Values['time']): string {
    const d = new Date(millis(time)), utc = mode === 'utc';
    if (!Number.isFinite(d.getTime())) return DASH;
    return utc ? `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`
        : `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
}

/** alt_baro: feet, or the word ground. */
export const altitudeOf = (value: unknown, units: Units): string =>
    typeof value === 'number' ? height(value, units) : value === 'ground' ? 'on the ground' : '';
