// The symbols: outlines on a 24 by 24 grid, pointing north, and how large they are drawn.
export interface Shape {
    path: string;
    size: number; // pixels of the grid on the map
    turns: boolean; // with the course
}

export const SHAPES = {
    jet: { size: 24, turns: true, path: 'M12 1.6c.8 0 1.3 1.6 1.4 3.6l.1 3.6L22 14v2l-8.5-2.6-.4 5L16 20.4V22l-4-1-4 1v-1.6l2.9-2-.4-5L2 16v-2l8.5-5.2.1-3.6c.1-2 .6-3.6 1.4-3.6z' },
    heavy: { size: 30, turns: true, path: 'M12 1c.9 0 1.6 1.6 1.7 3.6v3.7l2.3 1.5V8.4h1.5v2.4l1.9 1.2v-1.5h1.4v2.4L23 14.4v2l-9.3-3-.4 5.2L17 21v1.6l-5-1.2-5 1.2V21l3.7-2.4-.4-5.2-9.3 3v-2l2.2-1.5v-2.4h1.4V12l1.9-1.2V8.4H8v1.4l2.3-1.5V4.6C10.4 2.6 11.1 1 12 1z' },
    light: { size: 20, turns: true, path: 'M12 2.5c.7 0 1.2 1 1.3 2.4l.2 2.9L22.5 8v2.8l-9 .8-.5 6.2 3.2.9v1.9L12 20l-4.2.6v-1.9l3.2-.9-.5-6.2-9-.8V8l9-.2.2-2.9c.1-1.4.6-2.4 1.3-2.4z' },
    glider: { size: 22, turns: true, path: 'M12 4c.5 0 .9.9 1 2l.1 2.6 10.4.5v1.5l-10.4.7-.4 7 2.6.6v1.4H8.7v-1.4l2.6-.6-.4-7L.5 10.6V9.1l10.4-.5L11 6c.1-1.1.5-2 1-2z' },
    helicopter: { size: 24, turns: true, path: 'M12 3.5c1.7 0 2.9 1.6 2.9 4l-.2 1.2 5.5-4 1.1 1.5-6 4.3 6 4.4-1.1 1.5-6.5-4.7c-.2.5-.4.9-.7 1.2l.2 4.9h2v1.9H8.8v-1.9h2l.2-4.9c-.3-.3-.5-.7-.7-1.2l-6.5 4.7-1.1-1.5 6-4.4-6-4.3 1.1-1.5 5.5 4-.2-1.2c0-2.4 1.2-4 2.9-4z' },
    balloon: { size: 22, turns: false, path: 'M12 2a6.8 6.8 0 0 1 6.8 6.8c0 3-2.4 6-4.3 7.9h-5C7.6 14.8 5.2 11.8 5.2 8.8A6.8 6.8 0 0 1 12 2zM9.8 18.2h4.4V22H9.8z' },
    drone: { size: 18, turns: true, path: 'M12 3l8 17-8-4-8 4z' },
    vehicle: { size: 14, turns: true, path: 'M7 3h10v18H7zM9 6v4h6V6z' },
    arrow: { size: 18, turns: true, path: 'M12 2l7.5 20-7.5-5-7.5 5z' },
    dot: { size: 14, turns: false, path: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z' },
    ship: { size: 22, turns: true, path: 'M12 1.5c2.6 2.6 4.2 6 4.2 9.5v10.5H7.8V11c0-3.5 1.6-6.9 4.2-9.5z' },
    boat: { size: 17, turns: true, path: 'M12 2c3 4 4.5 8 4.5 12 0 3-.8 5.5-2 8h-5c-1.2-2.5-2-5-2-8 0-4 1.5-8 4.5-12z' },
    moored: { size: 15, turns: false, path: 'M12 3l9 9-9 9-9-9z' },
    buoy: { size: 17, turns: false, path: 'M12 2l4 5-4 5-4-5zM8 13.5h8l3 8H5z' },
    base: { size: 19, turns: false, path: 'M10.9 11.5 7 22h2.2l.8-2.2h4l.8 2.2H17l-3.9-10.5a3 3 0 1 0-2.2 0zM12 14l1.3 3.8h-2.6zM5.6 3.2l1.5 1.3a6.3 6.3 0 0 0 0 8.2L5.6 14a8.3 8.3 0 0 1 0-10.8zm12.8 0a8.3 8.3 0 0 1 0 10.8l-1.5-1.3a6.3 6.3 0 0 0 0-8.2z' },
    car: { size: 16, turns: true, path: 'M8 2.5h8l1.5 4v13l-1.5 2H8l-1.5-2v-13zM8.5 8.5v3h7v-3z' },
    house: { size: 18, turns: false, path: 'M12 3l10 9h-3v9h-5v-6h-4v6H5v-9H2z' },
    weather: { size: 19, turns: false, path: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19zm-5.5 6v2.2h7.7a1.3 1.3 0 1 0-1.3-1.3h-2a3.3 3.3 0 1 1 3.3 3.3H6.5zm0 5.2v2h5.3a1.1 1.1 0 1 1-1.1 1.1h-2a3.1 3.1 0 1 0 3.1-3.1z' },
    digi: { size: 20, turns: false, path: 'M12 1.5l2.9 6.7 7.2.6-5.5 4.8 1.7 7.1L12 16.9l-6.3 3.8 1.7-7.1L1.9 8.8l7.2-.6z' },
    person: { size: 18, turns: false, path: 'M12 2.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6zM6 21.5c0-6 2.5-9.5 6-9.5s6 3.5 6 9.5z' },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

/** The shape of an aircraft by its emitter category (DO-260B). */
export function aircraftShape(category: unknown, onGround: boolean): ShapeName {
    switch (category) {
    case 'A1': return 'light';
    case 'A4': case 'A5': return 'heavy';
    case 'A7': return 'helicopter';
    case 'B1': return 'glider';
    case 'B2': return 'balloon';
    case 'B4': return 'light';
    case 'B6': return 'drone';
    case 'C1': case 'C2': case 'C3': return 'vehicle';
    case 'C4': case 'C5': return 'dot';
    default: return onGround && category === undefined ? 'vehicle' : 'jet';
    }
}

/** The shape of a station by its APRS symbol (table and code). */
export function aprsShape(table: unknown, code: unknown): ShapeName {
    // an overlay stands for a variant of the alternate symbol
    const symbol = (table === '/' ? '/' : '\\') + String(code);
    if (table === '/' && '><jkuvUfaP=FR'.includes(String(code))) return 'car';
    switch (symbol) {
    case '\\>': case '\\k': case '\\j': case '\\u': case '\\v': return 'car';
    case '/_': case '\\_': case '/W': case '\\W': case '/w': return 'weather';
    case '/#': case '\\#': case '/&': case '\\&': case '/r': case '/n': case '\\n': return 'digi';
    case '/-': case '\\-': case '/y': case '/h': case '\\h': return 'house';
    case '/[': case '\\[': case '/p': return 'person';
    case '/O': case '\\O': return 'balloon';
    case "/'": return 'light';
    case '/^': case '\\^': return 'jet';
    case '/g': return 'glider';
    case '/s': case '\\s': return 'ship';
    case '/X': return 'helicopter';
    case '/Y': case '/C': return 'boat';
    case '/b': case '/e': return 'arrow';
    default: return 'dot';
    }
}
