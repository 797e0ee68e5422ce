// Which targets are shown, on the map and in the list. It is part of the page's address.
import { KINDS, type Kind, type Target } from './target';

export interface Filter {
    kinds: Set<Kind>; // those that are shown
    text: string;
    minAltFt: number | null;
    maxAltFt: number | null;
    maxDistance: number | null; // m
    maxAge: number | null; // s
}

export const everything = (): Filter => ({ kinds: new Set(KINDS), text: '', minAltFt: null, maxAltFt: null, maxDistance: null, maxAge: null });

const numberOf = (text: string | null): number | null => (text !== null && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null);

export function fromParams(params: URLSearchParams): Filter {
    const kinds = params.get('show')?.split(',');
    return {
        kinds: new Set(KINDS.filter(k => !kinds || kinds.includes(k))),
        text: params.get('q') ?? '',
        minAltFt: numberOf(params.get('above')),
        maxAltFt: numberOf(params.get('below')),
        maxDistance: numberOf(params.get('within')),
        maxAge: numberOf(params.get('age')),
    };
}

export function toParams(f: Filter): Record<string, string | undefined> {
    const word = (n: number | null): string | undefined => (n === null ? undefined : String(Math.round(n)));
    return {
        show: f.kinds.size === KINDS.length ? undefined : [...f.kinds].join(',') || 'none',
        q: f.text || undefined,
        above: word(f.minAltFt),
        below: word(f.maxAltFt),
        within: word(f.maxDistance),
        age: word(f.maxAge),
    };
}

/** How many of the limits of the filter's menu are set. */
export const limits = (f: Filter): number => [f.minAltFt, f.maxAltFt, f.maxDistance, f.maxAge].filter(n => n !== null).length;

/** Whether a target passes all but its kind: the counts beside the kinds are of these. */
export function limitsOf(f: Filter, now: number): (t: Target) => boolean {
    const words = f.text ? f.text.toLowerCase().split(/\s+/) : [];
    return t => {
        if (!words.every(word => t.search.includes(word))) return false;
        if (f.minAltFt !== null && !(t.altFt !== null && t.altFt >= f.minAltFt)) return false;
        if (f.maxAltFt !== null && !(t.altFt !== null && t.altFt <= f.maxAltFt)) return false;
        if (f.maxDistance !== null && !(t.distance !== null && t.distance <= f.maxDistance)) return false;
        return f.maxAge === null || now - t.last <= f.maxAge;
    };
}
