// The same stream for programs: the lines to type for a filter.
import type { App } from './app';
import { copyButton } from './clipboard';
import { h } from './dom';
import { setWords, type Words } from './link';

/** The words of a filter as a query: protocol=ais&id=211281610 */
function query(words: Words): string {
    const search = new URLSearchParams();
    setWords(search, words);
    return search.toString().replaceAll('%2C', ',');
}

/** The host as a program on this machine reaches a listener that is bound to an address. */
function reach(address: string): string[] {
    const at = address.lastIndexOf(':');
    const host = address.slice(0, at).replace(/^\[|\]$/g, ''), port = address.slice(at + 1);
    const bound = host === '0.0.0.0' || host === '::' || host === '*' || host === '' ? location.hostname : host;
    return [bound, port];
}

const quote = (words: string): string => `'${words.replaceAll("'", "'\\''")}'`;

function streamLines(app: App, words: Words): { program: string; line: string; note: string }[] {
    const q = query(words), secret = app.store.who?.needs_token ?? false;
    const events = `${app.api.url('events').href}${q ? `?${q}` : ''}`;
    const socket = `${app.api.url('stream').href.replace(/^http/, 'ws')}${q ? `?${q}` : ''}`;
    const lines = [
        { program: 'curl', line: `curl -N ${secret ? '-H "Authorization: Bearer $TOKEN" ' : ''}${quote(events)}`, note: 'server-sent events' },
        { program: 'websocat', line: `websocat ${secret ? '-H "Authorization: Bearer $TOKEN" ' : ''}${quote(socket)}`, note: 'WebSocket' },
    ];
    const tcp = app.store.status?.listeners.find(l => l.type === 'tcp');
    if (tcp) {
        const object = { ...(secret ? { token: 'TOKEN' } : {}), subscribe: words };
        lines.push({ program: 'nc', line: `echo ${quote(JSON.stringify(object))} | nc ${reach(tcp.address).join(' ')}`, note: 'JSON lines over TCP' });
    }
    return lines;
}

/** The lines, each with a button that copies it. */
export function streamPanel(app: App, words: Words): HTMLElement {
    return h('div', { class: 'streamlines' }, streamLines(app, words).map(({ program, line, note }) =>
        h('div', { class: 'streamline' },
            h('span', { class: 'muted' }, `${program}: ${note}`),
            h('code', { tabindex: '0' }, line),
            copyButton(app, `the line for ${program}`, line))));
}
