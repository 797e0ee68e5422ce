// What was seen of each receiver, kept while another one or another view is shown.
import { History } from './history';
import { Marks } from './marks';

export const MOST_BINS = 2048;
const LINES = 2400; // two minutes at 20 a second: one to look at, one more that comes while paused
const RECEIVERS = 3; // 5 MB each

export interface Past {
    history: History;
    marks: Marks;
}

export class Pasts {
    private readonly pasts = new Map<string, Past>();

    /** That of a receiver. The one that was asked for longest ago leaves when there are too many. */
    of(receiver: string): Past {
        const past = this.pasts.get(receiver) ?? { history: new History(LINES, MOST_BINS), marks: new Marks() };
        this.pasts.delete(receiver);
        this.pasts.set(receiver, past);
        if (this.pasts.size > RECEIVERS) this.pasts.delete(this.pasts.keys().next().value!);
        past.history.gap();
        return past;
    }
}
