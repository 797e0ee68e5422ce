// The transmissions that were heard while somebody listened, as Opus packets, for hearing them again. The
// oldest leave when it is too much.
import type { Packet } from './packet';

export interface Kept {
    channel: string;
    time: number; // ms since 1970, of the first packet
    packets: Uint8Array<ArrayBuffer>[];
    whole: boolean; // from its first packet on
}

const MOST_BYTES = 3 << 20; // half an hour and more of speech

export class KeptTransmissions {
    private readonly list: Kept[] = [];
    private readonly open = new Map<string, Kept>();
    private bytes = 0;

    add(p: Packet): void {
        let now = this.open.get(p.channel);
        if (p.first || !now) {
            now = { channel: p.channel, time: p.time, packets: [], whole: p.first };
            this.open.set(p.channel, now);
            this.list.push(now);
        }
        now.packets.push(p.opus.slice());
        this.bytes += p.opus.length + 64;
        if (p.last) this.open.delete(p.channel);
        while (this.bytes > MOST_BYTES && this.list.length > 1)
            for (const old of this.list.shift()!.packets) this.bytes -= old.length + 64;
    }

    /** Nobody listens to the channel any more: what comes later is another transmission. */
    end(channel: string): void {
        this.open.delete(channel);
    }

    /** The transmission of a channel that began then, within a second; undefined: it was not heard. */
    find(channel: string, time: number): Kept | undefined {
        return this.list.find(k => k.channel === channel && k.whole && Math.abs(k.time - time) < 1000);
    }
}
