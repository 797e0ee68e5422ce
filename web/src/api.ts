// Requests to the daemon that served this page. Every address is relative to the page, so a reverse proxy
// may serve it under any path.
import type { Settings } from './settings';

/** The command that keeps for the next start what was changed by methods of the control socket. */
export const keep = 'sudo hertzctl config --save';

export class ApiError extends Error {
    constructor(readonly status: number, message: string) {
        super(message);
    }

    /** A token is needed, or the one we have is wrong. */
    get refused(): boolean {
        return this.status === 401 || this.status === 403;
    }
}

export class Api {
    constructor(private readonly settings: Settings) {}

    /** The address of a resource: url('status'). */
    url(path: string): URL {
        const base = new URL(location.href);
        base.hash = '';
        base.search = '';
        return new URL(path, base);
    }

    /** As url, with the token in the query: for what cannot send a header (WebSocket, audio, links). */
    urlWithToken(path: string): URL {
        const url = this.url(path);
        if (this.settings.values.token) url.searchParams.set('token', this.settings.values.token);
        return url;
    }

    /** Throws ApiError with the daemon's own words; status 0: it was not reached. */
    async fetch(path: string, init: RequestInit = {}): Promise<Response> {
        const headers = new Headers(init.headers);
        if (this.settings.values.token) headers.set('Authorization', `Bearer ${this.settings.values.token}`);
        let response: Response;
        try {
            response = await fetch(this.url(path), { cache: 'no-store', ...init, headers });
        } catch (e) {
            if (init.signal?.aborted) throw e;
            throw new ApiError(0, 'hertzd does not answer');
        }
        if (!response.ok) {
            const words = (await response.text()).trim();
            throw new ApiError(response.status, words && words.length < 600 ? words : `${response.status} ${response.statusText}`);
        }
        return response;
    }

    async json<T>(path: string, init?: RequestInit): Promise<T> {
        return await (await this.fetch(path, init)).json() as T;
    }

    private id = 0;

    /** A method of the control socket (docs/control.md), with a control token. Throws ApiError. */
    async rpc<T>(method: string, params?: object): Promise<T> {
        const body = JSON.stringify({ jsonrpc: '2.0', id: ++this.id, method, params });
        const answer = await this.json<{ result?: T; error?: { code: number; message: string } }>('rpc', {
            method: 'POST',
            body,
            headers: { 'Content-Type': 'application/json' },
        });
        if (answer.error) throw new ApiError(200, answer.error.message);
        return answer.result as T;
    }
}
