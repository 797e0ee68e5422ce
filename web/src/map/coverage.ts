// Where the antennas are, and how far each channel heard in each direction (GET /coverage).
import type { Api } from '../api';
import { isPlace, type LatLon } from './geo';

export interface Sector {
    bearing: number; // of its beginning; it is 360/n wide
    max_m: number;
    lat?: number;
    lon?: number;
    id?: string | number;
    time?: number;
}

export interface Channel {
    receiver: string;
    channel: string;
    protocol: string;
    lat?: number;
    lon?: number;
    messages: number;
    max_m: number;
    sectors: Sector[];
}

export class Coverage {
    channels: Channel[] = [];

    /** True: there is something new. A daemon that does not know it has none. */
    async load(api: Api): Promise<boolean> {
        try {
            this.channels = (await api.json<{ channels?: Channel[] }>('coverage')).channels ?? [];
            return true;
        } catch {
            return false;
        }
    }

    /** The antennas, by receiver. */
    places(): Map<string, LatLon> {
        const out = new Map<string, LatLon>();
        for (const c of this.channels)
            if (isPlace(c.lat, c.lon)) out.set(c.receiver, { lat: c.lat!, lon: c.lon! });
        return out;
    }
}
