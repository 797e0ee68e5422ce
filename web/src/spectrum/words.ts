// A message in a few words, for a mark's label.
import type { Heard } from './marks';

/** Members that name a sender, and that say something, of any protocol; in the order of their worth. */
const NAMES = ['flight', 'shipname', 'name', 'hex', 'mmsi', 'srccallsign', 'address', 'id'];
const SAYINGS = ['alpha', 'numeric', 'text', 'message', 'comment', 'status_text', 'destination'];
const VALUES: [string, string][] = [
    ['alt_baro', ' ft'], ['gs', ' kt'], ['squawk', ''], ['speed', ' kt'], ['duration_s', ' s'], ['ctcss_hz', ' Hz'],
    ['dcs', ''], ['model', ''], ['temperature_C', ' °C'],
];

/** "KLM1023", "211281610", …; '': it names nobody. */
export function sender(m: Heard): string {
    const o = (m[m.protocol] ?? {}) as Record<string, unknown>;
    for (const name of NAMES) {
        const value = o[name];
        if (typeof value === 'number' || (typeof value === 'string' && value.trim())) return String(value).trim();
    }
    return '';
}

export function inWords(m: Heard): string {
    const o = (m[m.protocol] ?? {}) as Record<string, unknown>;
    const said = SAYINGS.map(name => o[name]).find(v => typeof v === 'string' && v.trim()) as string | undefined;
    const values = VALUES.filter(([name]) => o[name] !== undefined && (name !== 'speed' || m.protocol === 'ais'))
        .map(([name, unit]) => `${String(o[name])}${unit}`);
    const words = [sender(m), ...values.slice(0, 2), said?.trim()].filter(Boolean).join(' · ');
    return words.length > 90 ? `${words.slice(0, 88)}…` : words;
}
