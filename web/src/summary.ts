// A message in one line: who sent it, and what it tells.
import { altitudeOf, climb, degrees, height, num, position, speed } from './format';
import type { Units } from './format';
import type { Message } from './types';

export interface Summary {
    /** As the word `id` of a subscription takes it; '': it has none. */
    id: string;
    /** A name beside the id, as far as this message has it. */
    name: string;
    text: string;
}

type Fields = Record<string, unknown>;

const str = (f: Fields, name: string): string => (typeof f[name] === 'string' ? (f[name] as string).trim() : '');
const nr = (f: Fields, name: string): number | null => (typeof f[name] === 'number' ? (f[name] as number) : null);

/** The object of its protocol. */
export const fieldsOf = (m: Message): Fields => (m[m.protocol] ?? {}) as Fields;

/** The texts of those that are there, joined. */
function join(...parts: (string | null | false | undefined)[]): string {
    return parts.filter(p => p).join(' · ');
}

const at = (f: Fields): string => {
    const lat = nr(f, 'lat'), lon = nr(f, 'lon');
    return lat === null || lon === null ? '' : position(lat, lon);
};

const DOWNLINK: Record<number, string> = {
    0: 'answer to another aircraft', 4: 'altitude', 5: 'identity', 11: 'all-call reply', 16: 'answer to another aircraft',
    17: 'squitter', 18: 'squitter', 20: 'altitude, Comm-B', 21: 'identity, Comm-B', 24: 'extended length message',
};

function adsb(f: Fields, units: Units): Summary {
    const gs = nr(f, 'gs') ?? nr(f, 'tas') ?? nr(f, 'ias'), track = nr(f, 'track') ?? nr(f, 'true_heading') ?? nr(f, 'mag_heading');
    const rate = nr(f, 'baro_rate') ?? nr(f, 'geom_rate');
    const emergency = str(f, 'emergency');
    const text = join(
        emergency && emergency !== 'none' && `emergency: ${emergency}`,
        altitudeOf(f['alt_baro'], units), gs !== null && speed(gs, units), track !== null && degrees(track),
        rate !== null && rate !== 0 && climb(rate, units), at(f),
        str(f, 'squawk') && `squawk ${str(f, 'squawk')}`, str(f, 'category') && `category ${str(f, 'category')}`,
        str(f, 'bds') && `register ${str(f, 'bds')}`,
        nr(f, 'nav_altitude_mcp') !== null && `selected ${height(nr(f, 'nav_altitude_mcp')!, units)}`);
    const df = nr(f, 'df');
    return { id: str(f, 'hex'), name: str(f, 'flight'), text: text || str(f, 'flight') || `${DOWNLINK[df ?? -1] ?? 'reply'} (DF ${df})` };
}

function ais(f: Fields, units: Units): Summary {
    const kn = nr(f, 'speed'), course = nr(f, 'course');
    const text = join(
        str(f, 'text'), kn !== null && speed(kn, units === 'metric' ? 'metric' : 'nautical'), course !== null && degrees(course), at(f),
        str(f, 'status_text') || (nr(f, 'status') !== null && `status ${nr(f, 'status')}`), str(f, 'shiptype_text'),
        str(f, 'destination') && `to ${str(f, 'destination')}`, (nr(f, 'draught') ?? 0) > 0 && `draught ${num(nr(f, 'draught')!, 1)} m`,
        str(f, 'callsign') && `call ${str(f, 'callsign')}`);
    return { id: String(f['mmsi'] ?? ''), name: str(f, 'shipname') || str(f, 'name'), text: text || `type ${nr(f, 'type')}` };
}

function aprs(f: Fields, units: Units): Summary {
    const kmh = nr(f, 'speed'), m = nr(f, 'altitude'), kn = kmh === null ? null : kmh / 1.852;
    const to = str(f, 'destination');
    const text = join(
        str(f, 'message') ? `to ${to}: ${str(f, 'message')}` : to && `to ${to}${f['messageack'] ? `: ack ${String(f['messageack'])}` : ''}`,
        str(f, 'status'), str(f, 'objectname') || str(f, 'itemname'), at(f), kn !== null && kn > 0 && speed(kn, units),
        kn !== null && kn > 0 && nr(f, 'course') !== null && degrees(nr(f, 'course')!), m !== null && height(m / 0.3048, units), str(f, 'comment'));
    const tnc2 = str(f, 'tnc2');
    return { id: str(f, 'srccallsign'), name: '', text: text || tnc2.slice(tnc2.indexOf('>') + 1) || str(f, 'type') };
}

function pocsag(f: Fields): Summary {
    const words = str(f, 'alpha') || str(f, 'numeric') || str(f, 'text');
    return { id: String(f['address'] ?? ''), name: '', text: words || (str(f, 'type') === 'tone' ? 'tone' : str(f, 'type')) };
}

function flex(f: Fields): Summary {
    return { id: String(f['capcode'] ?? ''), name: '', text: str(f, 'message') || str(f, 'type') };
}

function acars(f: Fields): Summary {
    const text = join(`${str(f, 'label')}${str(f, 'msgno') ? ` ${str(f, 'msgno')}` : ''}`, str(f, 'text') || str(f, 'label_text'));
    return { id: str(f, 'tail') || str(f, 'ground_station'), name: str(f, 'flight'), text };
}

function rds(f: Fields): Summary {
    const text = str(f, 'type') === 'ps' ? `name: ${str(f, 'ps')}` : str(f, 'radiotext') || str(f, 'clock_time') || str(f, 'prog_type');
    return { id: str(f, 'pi'), name: str(f, 'ps').trim(), text };
}

/** A frame of VDL2: what ACARS or XID say, else what kind of frame it is. */
function vdl2(f: Fields, units: Units): Summary {
    const avlc = (f['avlc'] ?? {}) as Fields, xid = (avlc['xid'] ?? {}) as Fields;
    const label = str(f, 'label'), ft = nr(f, 'alt');
    const text = join(label && `${label}${str(f, 'label_text') && `, ${str(f, 'label_text')}`}`, str(xid, 'type_descr'), str(f, 'airport'), at(f),
        ft !== null && height(ft, units), str(f, 'text'));
    return { id: str(f, 'src'), name: join(str(f, 'tail'), str(f, 'flight')), text: join(text || str(avlc, 'cmd') || str(f, 'type'), `to ${str(f, 'dst')}`) };
}

/** What a sensor, a remote or a meter says: its values, without what is about the reception. */
function sensor(f: Fields): Summary {
    const left = ['model', 'id', 'mic', 'mod', 'fit', 'strength', 'repeats', 'level', 'confirmed', 'twins'];
    const text = Object.entries(f).filter(([name, v]) => !left.includes(name) && (typeof v === 'string' || typeof v === 'number'))
        .map(([name, v]) => `${name} ${String(v)}`).join(' · ');
    return { id: String(f['id'] ?? ''), name: str(f, 'model'), text };
}

function voice(f: Fields): Summary {
    const s = nr(f, 'duration_s'), tone = nr(f, 'ctcss_hz'), dcs = f['dcs'];
    return { id: '', name: '', text: join(`speech, ${num(s ?? 0, 1)} s`, tone !== null && `tone ${num(tone, 1)} Hz`, dcs !== undefined && `code ${String(dcs)}`) };
}

/** Any protocol: its fields, as far as they are short. */
function other(f: Fields): Summary {
    const id = f['id'] ?? f['address'] ?? '';
    const text = Object.entries(f).filter(([name, v]) => name !== 'id' && (typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean'))
        .map(([name, v]) => `${name} ${String(v)}`).join(' · ');
    return { id: String(id), name: typeof f['model'] === 'string' ? (f['model'] as string) : '', text };
}

export function summary(m: Message, units: Units): Summary {
    const f = fieldsOf(m);
    switch (m.protocol) {
    case 'adsb': return adsb(f, units);
    case 'ais': return ais(f, units);
    case 'aprs':
    case 'ax25-9600': return aprs(f, units);
    case 'pocsag': return pocsag(f);
    case 'flex': return flex(f);
    case 'acars': return acars(f);
    case 'rds': return rds(f);
    case 'vdl2': return vdl2(f, units);
    case 'sensors': return sensor(f);
    case 'nfm':
    case 'am': return voice(f);
    default: return other(f);
    }
}

/** A text that people wrote, to be read at length; '': it has none. */
export function longText(m: Message): string {
    const f = fieldsOf(m);
    for (const name of ['alpha', 'numeric', 'message', 'text', 'status', 'comment'])
        if (str(f, name)) return str(f, name);
    return '';
}
