// Elements without a framework. Nothing here takes HTML text, so nothing that was received by radio is
// ever parsed as HTML.

export type Child = Node | string | number | null | undefined | false | Child[];
type Listener = (event: never) => void;
export type Props = Record<string, string | number | boolean | null | undefined | Listener>;

function set(el: Element, props: Props): void {
    for (const [name, value] of Object.entries(props)) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === 'function') el.addEventListener(name.slice(2), value as EventListener);
        else if (name === 'class') el.setAttribute('class', String(value));
        else if (name === 'value' && el instanceof HTMLInputElement) el.value = String(value);
        else el.setAttribute(name, value === true ? '' : String(value));
    }
}

function append(el: Element, children: Child[]): void {
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue;
        if (Array.isArray(child)) append(el, child);
        else el.append(child instanceof Node ? child : String(child));
    }
}

/** h('button', {class: 'x', onclick: f}, 'text'): an element. `on…` are listeners, all else attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props?: Props | null, ...children: Child[]):
    HTMLElementTagNameMap[K] {
    const el = document.createElement(tag);
    if (props) set(el, props);
    append(el, children);
    return el;
}

/** As h, for SVG. */
export function svg(tag: string, props?: Props | null, ...children: Child[]): SVGElement {
    const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
    if (props) set(el, props);
    append(el, children);
    return el;
}

/** Replaces the children. */
export function fill(el: Element, ...children: Child[]): void {
    el.replaceChildren();
    append(el, children);
}

/** Changes a text only if it differs, so that screen readers and layout are left alone. */
export function text(el: Element, value: string): void {
    if (el.textContent !== value) el.textContent = value;
}

/** Sets or removes an attribute, only if it differs. */
export function attr(el: Element, name: string, value: string | null): void {
    if (el.getAttribute(name) === value) return;
    if (value === null) el.removeAttribute(name);
    else el.setAttribute(name, value);
}

/** Paths of a 24 by 24 grid, drawn as lines. */
const icons = {
    now: 'M3 12h4l2.5-7 4 14 3-9 1.5 2H21',
    spectrum: 'M4 20V10M8 20v-6M12 20V4M16 20v-9M20 20v-4',
    map: 'M9 4 3 6.5v13.5l6-2.5 6 2.5 6-2.5V4l-6 2.5zM9 4v13.5M15 6.5V20',
    messages: 'M4 6h16M4 11h16M4 16h10',
    sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
    gear: 'M5 7h8M17 7h2M5 12h2M11 12h8M5 17h8M17 17h2M15 5v4M9 10v4M15 15v4',
    close: 'M6 6l12 12M18 6 6 18',
    play: 'M8 5v14l11-7z',
    pause: 'M8 5v14M16 5v14',
    copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
    help: 'M9.2 9a3 3 0 1 1 4.3 2.7c-1 .5-1.5 1.1-1.5 2.3M12 17.5v.1',
    plus: 'M12 5v14M5 12h14',
    minus: 'M5 12h14',
    fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
    layers: 'M12 3 3 8l9 5 9-5zM3 12l9 5 9-5M3 16l9 5 9-5',
    trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
    warn: 'M12 4 2.5 20h19zM12 10v5M12 17.6v.1',
    down: 'M6 9l6 6 6-6',
} as const;
export type IconName = keyof typeof icons;

/** An icon beside a text; hidden from screen readers. */
export function icon(name: IconName): SVGElement {
    return svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
        svg('path', { d: icons[name] }));
}
