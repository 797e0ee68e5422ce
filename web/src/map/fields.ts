// The fields of a target for people: a label, and the value with its unit by the settings. What is not in the
// table is shown under its own name, so nothing that was received is left out.
import { NBSP, climb, degrees, height, num, speed, type Units } from '../format';
import { isPassing, type Fields } from './target';

type Show = (value: unknown, units: Units) => string;

const plain: Show = v => (typeof v === 'number' ? String(Number(v.toFixed(5))) : typeof v === 'string' ? v.trim() : JSON.stringify(v));
const withUnit = (unit: string, digits = 0): Show => v => (typeof v === 'number' ? num(v, digits) + NBSP + unit : plain(v, 'metric'));
const numeric = (f: (n: number, units: Units) => string): Show => (v, u) => (typeof v === 'number' ? f(v, u) : plain(v, u));
const feet = numeric(height), knots = numeric(speed), rate = numeric(climb), deg = numeric(v => degrees(v, v % 1 ? 1 : 0));
const metres: Show = withUnit('m', 0);
const list: Show = v => (Array.isArray(v) ? v.map(x => (typeof x === 'object' && x !== null && 'call' in x ? String(x.call) + ('wasdigied' in x && x.wasdigied === 1 ? '*' : '') : String(x))).join(', ') : plain(v, 'metric'));
const yes: Show = v => (v === true || v === 1 ? 'yes' : 'no');

const TABLE: Record<string, [label: string, show: Show]> = {
    // aircraft
    hex: ['Address', plain], flight: ['Callsign', plain], squawk: ['Squawk', plain], category: ['Category', plain], emergency: ['Emergency', plain],
    alt_baro: ['Altitude', feet], alt_geom: ['Height (GNSS)', feet], gs: ['Ground speed', knots], track: ['Track', deg], ias: ['Indicated airspeed', knots], tas: ['True airspeed', knots],
    mach: ['Mach', v => (typeof v === 'number' ? v.toFixed(3) : plain(v, 'metric'))], mag_heading: ['Heading (magnetic)', deg], true_heading: ['Heading (true)', deg],
    baro_rate: ['Climb', rate], geom_rate: ['Climb (GNSS)', rate], vert_rate: ['Climb', rate], roll: ['Roll', deg], track_rate: ['Turn', withUnit('°/s', 2)],
    nav_altitude_mcp: ['Selected altitude', feet], nav_altitude_fms: ['FMS altitude', feet], nav_qnh: ['QNH', withUnit('hPa', 1)], nav_heading: ['Selected heading', deg], nav_modes: ['Autopilot', list],
    airground: ['Air or ground', plain], version: ['ADS-B version', plain], nic: ['NIC', plain], rc: ['Containment', metres], nac_p: ['NACp', plain], nac_v: ['NACv', plain],
    sil: ['SIL', plain], sil_type: ['SIL per', plain], gva: ['GVA', plain], sda: ['SDA', plain], nic_baro: ['Altitude cross-checked', yes], alert: ['Alert', yes], spi: ['Ident', yes], acas_ra: ['ACAS advisory', plain],
    // ships
    mmsi: ['MMSI', plain], imo: ['IMO', plain], callsign: ['Call sign', plain], shipname: ['Name', plain], shiptype_text: ['Type', plain], status_text: ['Status', plain], speed: ['Speed', knots],
    course: ['Course', deg], heading: ['Heading', deg], turn: ['Rate of turn', withUnit('°/min', 1)], destination: ['Destination', plain], eta: ['ETA', plain], draught: ['Draught', withUnit('m', 1)],
    to_bow: ['To bow', metres], to_stern: ['To stern', metres], to_port: ['To port', metres], to_starboard: ['To starboard', metres], length: ['Length', metres], beam: ['Beam', metres],
    epfd_text: ['Position by', plain], accuracy: ['Better than 10 m', yes], aid_type_text: ['Aid to navigation', plain], off_position: ['Off position', yes], virtual_aid: ['Virtual', yes], raim: ['RAIM', yes],
    vendorid: ['Maker', plain], name: ['Name', plain], timestamp: ['Time', plain], alt: ['Altitude', metres],
    // stations
    srccallsign: ['From', plain], dstcallsign: ['To', plain], digipeaters: ['Path', list], comment: ['Comment', plain], status: ['Status', plain], altitude: ['Altitude', metres], symboltable: ['Symbol table', plain],
    symbolcode: ['Symbol', plain], phg: ['PHG', plain], posresolution: ['Resolution', metres], radiorange: ['Range', withUnit('km', 1)], device: ['Device', plain], messaging: ['Takes messages', yes], mice_message: ['Mic-E', plain],
    format: ['Position format', plain], message: ['Message', plain], objectname: ['Object', plain], itemname: ['Item', plain],
    'wx.temp': ['Temperature', withUnit('°C', 1)], 'wx.humidity': ['Humidity', withUnit('%')], 'wx.pressure': ['Pressure', withUnit('hPa', 1)], 'wx.wind_speed': ['Wind', withUnit('m/s', 1)],
    'wx.wind_gust': ['Gusts', withUnit('m/s', 1)], 'wx.wind_direction': ['Wind from', deg], 'wx.rain_1h': ['Rain, 1 h', withUnit('mm', 1)], 'wx.rain_24h': ['Rain, 24 h', withUnit('mm', 1)],
    'wx.rain_midnight': ['Rain, today', withUnit('mm', 1)], 'wx.luminosity': ['Sunlight', withUnit('W/m²')],
};
const ORDER = new Map(Object.keys(TABLE).map((name, i) => [name, i]));
// APRS has some of these names with other units
const STATION: Record<string, [string, Show]> = {
    speed: ['Speed', numeric((kmh, u) => speed(kmh / 1.852, u))],
};
/** Shown elsewhere, or said better by another field. */
const HIDDEN = new Set(['lat', 'lon', 'shiptype', 'status', 'epfd', 'aid_type', 'partno', 'radio', 'cr', 'frame_type', 'cmd', 'pf', 'pid', 'regional', 'cs', 'display', 'dsc', 'band', 'msg22', 'assigned', 'ais_version', 'dte', 'maneuver']);

export interface Row {
    key: string;
    label: string;
    value: string;
}

function row(name: string, value: unknown, units: Units, station: boolean): Row {
    const [label, show] = (station ? STATION[name] : undefined) ?? TABLE[name] ?? [name.replaceAll('_', ' '), plain];
    return { key: name, label, value: show(value, units) };
}

/** All fields but those that are shown elsewhere; objects within are spread. */
export function rows(fields: Fields, units: Units, station: boolean, leave: ReadonlySet<string> = new Set()): Row[] {
    const out: Row[] = [];
    const add = (prefix: string, object: Fields): void => {
        for (const [name, value] of Object.entries(object)) {
            const full = prefix + name;
            if (value === null || value === undefined || leave.has(full) || isPassing(full) || (HIDDEN.has(full) && !(station && full === 'status'))) continue;
            if (typeof value === 'object' && !Array.isArray(value)) add(`${full}.`, value as Fields);
            else out.push(row(full, value, units, station));
        }
    };
    add('', fields);
    const order = (r: Row): number => ORDER.get(r.key) ?? ORDER.size;
    return out.sort((a, b) => order(a) - order(b)); // stable: unknown ones stay in their order
}
