// When each packet is to be played. Packets come in bursts and late; a small lead before the first
// one of a transmission absorbs that. It grows when it was too small, and shrinks slowly while it
// suffices. Pure: the clock is the caller's. All in seconds.

const LEAST = 0.06;
const MOST = 0.26;
const RELAX = 0.0002; // a packet: 10 ms a second

export class Jitter {
    lead = 0.1;
    underruns = 0; // packets that came too late to follow the one before
    skipped = 0; // packets left out because too many were waiting
    private next = 0; // when the next packet begins; 0: it begins a transmission

    /** The moment at which a packet of that length that came at `now` begins; undefined: leave it
     * out, since what waits would delay what is said now. */
    place(now: number, length: number, first: boolean): number | undefined {
        const late = this.next > 0 && this.next < now;
        if (first || this.next === 0 || late) {
            if (late && !first) {
                this.underruns++;
                this.lead = Math.min(MOST, this.lead + 0.04);
            }
            // A transmission that follows closely waits for the end of the one before.
            this.next = Math.max(now + this.lead, first ? this.next : 0);
        } else {
            this.lead = Math.max(LEAST, this.lead - RELAX);
        }
        if (this.next - now > this.lead + 0.15) {
            this.skipped++;
            return undefined;
        }
        const at = this.next;
        this.next += length;
        return at;
    }

    /** Time that is missing within a transmission, so that what follows keeps its place. */
    hole(length: number): void {
        if (this.next > 0)
            this.next += length;
    }

    /** Nothing is waiting any more: the next packet begins anew. */
    stop(): void {
        this.next = 0;
    }
}
