// The address of what is shown: #/messages?protocol=ais. Everything that is worth a link is in it.
import { Emitter } from './emitter';

export interface Route {
    view: string;
    params: URLSearchParams;
}

function parse(hash: string): Route {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
    return { view: path.split('/')[0]!, params: new URLSearchParams(query) };
}

export const href = (view: string, params?: Record<string, string | undefined>): string => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(params ?? {})) if (value) search.set(name, value);
    const query = search.toString();
    return `#/${view}${query ? `?${query}` : ''}`;
};

export class Router extends Emitter<{ view: Route; params: Route }> {
    route: Route = parse(location.hash);

    constructor() {
        super();
        addEventListener('hashchange', () => this.follow());
    }

    /**
     * Changes the address. replace: without a step in the browser's history, by the view that is shown. One that a
     * person is leaving, whose address has changed already or who has left, no longer changes it.
     */
    go(view: string, params?: Record<string, string | undefined>, replace = false): void {
        const to = href(view, params);
        if (to === location.hash) return;
        if (replace && (view !== this.route.view || view !== parse(location.hash).view)) return;
        if (replace) {
            history.replaceState(null, '', to);
            this.follow();
        } else {
            location.hash = to;
        }
    }

    private follow(): void {
        const before = this.route;
        this.route = parse(location.hash);
        this.emit(before.view === this.route.view ? 'params' : 'view', this.route);
    }
}
