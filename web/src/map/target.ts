// What is on the map, and how it is read from the daemon's state (GET /aircraft, /ships, /stations) and from
// the messages of the stream.
import type { Message } from '../types';
import { altitudeStep, type ColourName } from './colours';
import { worldX, worldY } from './geo';
import { SHAPES, aircraftShape, aprsShape, type ShapeName } from './shapes';

export const KINDS = ['aircraft', 'ship', 'station', 'sonde'] as const;
export type Kind = (typeof KINDS)[number];
export const KIND_WORDS: Record<Kind, { one: string; many: string }> = {
    aircraft: { one: 'Aircraft', many: 'Aircraft' },
    ship: { one: 'Ship', many: 'Ships' },
    station: { one: 'Station', many: 'Stations' },
    sonde: { one: 'Sonde', many: 'Sondes' },
};

export type TrackPoint = [time: number, lat: number, lon: number, alt: number | null];
export type Fields = Record<string, unknown>;

/** As the daemon sends it; times are UNIX seconds. */
export interface TargetJson {
    id: string | number;
    name?: string;
    protocol: string;
    first: number;
    last: number;
    messages: number;
    snr_db?: number;
    rssi_dbfs?: number;
    receiver: string;
    channel: string;
    lat?: number;
    lon?: number;
    age_s?: number; // since `last`, by arrival: in a replay the times are those of the recording
    position_age_s?: number;
    distance_m?: number;
    bearing_deg?: number;
    track?: TrackPoint[];
    fields?: Fields;
    simulated?: boolean;
    replayed?: boolean;
}

export interface Target {
    key: string;
    kind: Kind;
    id: string;
    name: string;
    protocol: string;
    first: number;
    last: number; // by arrival, as positionTime
    messages: number;
    snr: number | null; // best
    rssi: number | null; // last
    receiver: string;
    channel: string;
    lat: number | null;
    lon: number | null;
    positionTime: number;
    distance: number | null;
    bearing: number | null;
    track: TrackPoint[];
    fields: Fields;
    simulated: boolean;
    replayed: boolean;
    recent: Message[]; // the newest first
    // made of the above by derive()
    x: number;
    y: number;
    altFt: number | null;
    ground: boolean;
    kt: number | null;
    course: number | null;
    climb: number | null; // ft/min
    shape: ShapeName;
    colour: string; // key of colours.ts
    emergency: string;
    search: string;
    // of the layer that draws it
    sx: number;
    sy: number;
    angle: number;
    slot: number; // of its label; -1: none
}

const number = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const text = (v: unknown): string => (typeof v === 'string' ? v.trim() : typeof v === 'number' ? String(v) : '');

const SONDES = /^(rs41|rs92|dfm|m10|m20|imet|lms6|mrz|meisei|sonde)/;

export function kindOf(protocol: string): Kind {
    if (protocol === 'adsb') return 'aircraft';
    if (protocol === 'ais') return 'ship';
    return SONDES.test(protocol) ? 'sonde' : 'station';
}

/** What is simulated or replayed is never taken for what is on the air, as the daemon does. */
const keyOf = (kind: Kind, id: string, simulated: boolean, replayed: boolean): string =>
    `${kind}:${id}${simulated ? ':simulated' : replayed ? ':replayed' : ''}`;

/** Whose message it is. Null: of nothing that has a place on a map. */
export function whose(m: Message): { key: string; kind: Kind; id: string; fields: Fields } | null {
    const fields = m[m.protocol] as Fields | undefined;
    if (!fields || typeof fields !== 'object') return null;
    const kind = kindOf(m.protocol);
    const id = kind === 'aircraft' ? text(fields.hex)
        : kind === 'ship' ? text(fields.mmsi)
        : text(fields.objectname) || text(fields.itemname) || text(fields.srccallsign) || text(fields.serial) || text(fields.id);
    return id ? { key: keyOf(kind, id, m.simulated === true, m.replayed === true), kind, id, fields } : null;
}

/** Whether the position of a message is its sender's: AIS has binary messages about other places. */
const AIS_PLACES = new Set([1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 27]);
export const locates = (protocol: string, fields: Fields): boolean => protocol !== 'ais' || AIS_PLACES.has(fields.type as number);

/** Of what a message says, only what is true of the sender from now on. */
const PASSING = new Set(['df', 'typecode', 'bds', 'nmea', 'type', 'repeat', 'second', 'raw', 'tnc2', 'message', 'messageid', 'messageack', 'destination_call']);
export const isPassing = (name: string): boolean => PASSING.has(name);

const EMERGENCY: Record<string, string> = { '7500': 'unlawful interference', '7600': 'radio failure', '7700': 'emergency' };

function shipColour(type: number | null, fields: Fields): ColourName {
    if (fields.aid_type !== undefined || fields.timestamp !== undefined) return 'aid';
    if (type === null) return 'unknown';
    if (type === 30) return 'fishing';
    if (type === 36 || type === 37) return 'pleasure';
    if (type >= 31 && type <= 35) return 'service';
    const tens = Math.floor(type / 10);
    return tens === 7 ? 'cargo' : tens === 8 ? 'tanker' : tens === 6 || tens === 4 ? 'passenger' : tens === 5 ? 'service' : 'unknown';
}

function deriveAircraft(t: Target): void {
    const f = t.fields;
    t.ground = f.alt_baro === 'ground' || f.airground === 'ground';
    t.altFt = t.ground ? 0 : number(f.alt_baro) ?? number(f.alt_geom);
    t.kt = number(f.gs) ?? number(f.tas);
    t.course = number(f.track) ?? number(f.true_heading) ?? number(f.mag_heading);
    t.climb = number(f.baro_rate) ?? number(f.geom_rate) ?? number(f.vert_rate);
    t.name = text(f.flight) || t.name;
    t.shape = aircraftShape(f.category, t.ground);
    t.colour = t.ground ? 'ground' : t.altFt === null ? 'unknown' : `alt${altitudeStep(t.altFt)}`;
    const declared = text(f.emergency);
    t.emergency = declared && declared !== 'none' ? declared : EMERGENCY[text(f.squawk)] ?? '';
}

function deriveShip(t: Target): void {
    const f = t.fields, type = number(f.shiptype);
    t.altFt = null;
    t.kt = number(f.speed);
    const course = number(f.course), heading = number(f.heading);
    t.course = t.kt !== null && t.kt > 0.5 ? course ?? heading : heading ?? course;
    t.name = text(f.shipname) || text(f.name) || t.name;
    t.colour = shipColour(type, f);
    const yacht = type === 36 || type === 37 || (type === null && f.vendorid !== undefined);
    if (f.aid_type !== undefined) t.shape = 'buoy';
    else if (/^00\d/.test(t.id.padStart(9, '0'))) t.shape = 'base';
    else if (t.id.startsWith('111') && number(f.alt) !== null) t.shape = 'jet';
    else if (t.course === null || ((t.kt ?? 0) < 0.5 && heading === null)) t.shape = 'moored';
    else t.shape = yacht ? 'boat' : 'ship';
    t.emergency = number(f.status) === 14 ? 'AIS-SART, MOB or EPIRB' : '';
}

function deriveStation(t: Target): void {
    const f = t.fields;
    const metres = number(f.altitude) ?? number(f.alt);
    t.altFt = metres === null ? null : metres / 0.3048;
    const kmh = number(f.speed);
    t.kt = kmh === null ? null : kmh / 1.852;
    const course = number(f.course);
    t.course = course === null || course === 0 ? null : course % 360;
    t.shape = t.kind === 'sonde' ? 'balloon' : aprsShape(f.symboltable, f.symbolcode);
    t.colour = t.kind === 'sonde' ? 'sonde' : 'station';
    t.climb = null;
    t.emergency = text(f.mice_message) === 'emergency' ? 'emergency' : '';
}

export function derive(t: Target): void {
    if (t.lat !== null && t.lon !== null) {
        t.x = worldX(t.lon);
        t.y = worldY(t.lat);
    }
    if (t.kind === 'aircraft') deriveAircraft(t);
    else if (t.kind === 'ship') deriveShip(t);
    else deriveStation(t);
    t.angle = SHAPES[t.shape].turns && t.course !== null ? t.course : 0;
    t.search = `${t.id} ${t.name} ${text(t.fields.callsign)} ${text(t.fields.squawk)} ${text(t.fields.destination)} ${t.channel} ${t.receiver}`.toLowerCase();
}

/** now: the daemon's clock, UNIX seconds. */
export function fromJson(kind: Kind, j: TargetJson, now: number): Target {
    const id = String(j.id), place = number(j.lat) !== null && number(j.lon) !== null;
    const t: Target = {
        key: keyOf(kind, id, j.simulated === true, j.replayed === true), kind, id, name: text(j.name), protocol: j.protocol, first: j.first, last: now - (j.age_s ?? 0),
        messages: j.messages, snr: number(j.snr_db), rssi: number(j.rssi_dbfs), receiver: j.receiver, channel: j.channel,
        lat: place ? j.lat! : null, lon: place ? j.lon! : null, positionTime: now - (j.position_age_s ?? j.age_s ?? 0),
        distance: number(j.distance_m), bearing: number(j.bearing_deg), track: j.track ?? [], fields: { ...j.fields },
        simulated: j.simulated === true, replayed: j.replayed === true, recent: [],
        x: 0, y: 0, altFt: null, ground: false, kt: null, course: null, climb: null, shape: 'dot', colour: 'unknown',
        emergency: '', search: '', sx: 0, sy: 0, angle: 0, slot: -1,
    };
    derive(t);
    return t;
}
