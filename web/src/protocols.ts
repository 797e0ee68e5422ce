// What the page calls protocols and in which colour they are. A protocol that is not here is shown by its
// name.
interface Look {
    label: string;
    colour: string; // a variable of style.css
    many: string; // what it is about, in the plural
}

const looks: Record<string, Look> = {
    adsb: { label: 'ADS-B', colour: 'adsb', many: 'aircraft' },
    ais: { label: 'AIS', colour: 'ais', many: 'ships' },
    aprs: { label: 'APRS', colour: 'aprs', many: 'packet radio stations' },
    'ax25-9600': { label: 'AX.25', colour: 'aprs', many: 'packet radio stations' },
    pocsag: { label: 'POCSAG', colour: 'pocsag', many: 'pagers' },
    acars: { label: 'ACARS', colour: 'adsb', many: 'aircraft' },
    flex: { label: 'FLEX', colour: 'pocsag', many: 'pagers' },
    vdl2: { label: 'VDL2', colour: 'adsb', many: 'aircraft' },
    rds: { label: 'RDS', colour: 'other', many: 'radio stations' },
    rs41: { label: 'RS41', colour: 'other', many: 'radiosondes' },
    dfm: { label: 'DFM', colour: 'other', many: 'radiosondes' },
    m10: { label: 'M10', colour: 'other', many: 'radiosondes' },
    sensors: { label: 'Sensors', colour: 'other', many: 'sensors' },
    wmbus: { label: 'wM-Bus', colour: 'other', many: 'meters' },
    nfm: { label: 'FM', colour: 'voice', many: 'speech' },
    am: { label: 'AM', colour: 'voice', many: 'speech' },
};

export const look = (protocol: string): Look => looks[protocol] ?? { label: protocol, colour: 'other', many: protocol };

/** Those that carry speech, which the view Sound plays. */
export const VOICE = ['nfm', 'am'];
export const isVoice = (protocol: string): boolean => VOICE.includes(protocol);
