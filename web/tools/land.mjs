// Makes the map's land from world-atlas (Natural Earth, public domain).
//
// The land is cut into square tiles of the Web Mercator world, so that the page draws only what is
// in view. A tile's rings reach a little over its edge, else a fine line would show between two
// fills. What runs along that outer edge is no coast: the page leaves it out when it strokes.
//
// File: 'HZL1', u8 levels; then for each level u8 z (2^z tiles a side), u8 from_zoom, u16 extent,
// u16 margin, u16 tiles; then its tiles: u8 x, u8 y, varint rings, each: varint points, points;
// varint borders (of countries), each likewise. A point is two zigzag varints: the difference to the
// point before in its line, in units of which a tile has `extent` a side. Little endian.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { feature, mesh } from 'topojson-client';
import { presimplify, simplify, sphericalTriangleArea } from 'topojson-simplify';

const require = createRequire(import.meta.url);
const MARGIN = 8;

function mercator([lon, lat]) {
    const s = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
    return [(lon + 180) / 360, Math.min(1, Math.max(0, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)))];
}

// Sutherland and Hodgman: the part of a ring inside x >= at (or <=), in axis 0 or 1.
function cut(ring, axis, at, above) {
    const out = [];
    const inside = (p) => (above ? p[axis] >= at : p[axis] <= at);
    for (let i = 0; i < ring.length; i++) {
        const a = ring[(i + ring.length - 1) % ring.length], b = ring[i];
        if (inside(a) !== inside(b)) {
            const t = (at - a[axis]) / (b[axis] - a[axis]);
            const p = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
            p[axis] = at;
            out.push(p);
        }
        if (inside(b)) out.push(b);
    }
    return out;
}

// The pieces of a line inside a box.
function pieces(line, low, high) {
    const out = [];
    let now = null;
    for (let i = 1; i < line.length; i++) {
        const a = line[i - 1], b = line[i];
        let t0 = 0, t1 = 1;
        for (let k = 0; k < 2; k++) {
            const d = b[k] - a[k];
            if (d === 0) {
                if (a[k] < low || a[k] > high) t1 = -1;
                continue;
            }
            const u = (low - a[k]) / d, v = (high - a[k]) / d;
            t0 = Math.max(t0, Math.min(u, v));
            t1 = Math.min(t1, Math.max(u, v));
        }
        if (t0 > t1) {
            now = null;
            continue;
        }
        const at = (t) => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        if (!now || t0 > 0) out.push((now = [at(t0)]));
        now.push(at(t1));
        if (t1 < 1) now = null;
    }
    return out;
}

class Writer {
    bytes = [];
    u8(v) { this.bytes.push(v); }
    u16(v) { this.bytes.push(v & 255, v >> 8); }
    varint(v) {
        for (; v > 127; v >>>= 7) this.bytes.push((v & 127) | 128);
        this.bytes.push(v);
    }
    line(points) {
        this.varint(points.length);
        let x = 0, y = 0;
        for (const [px, py] of points) {
            for (const d of [px - x, py - y]) this.varint(((d << 1) ^ (d >> 31)) >>> 0);
            [x, y] = [px, py];
        }
    }
}

// Whole units, without points that repeat or lie on the line between their neighbours.
function rounded(line) {
    const out = [];
    for (const p of line) {
        const q = [Math.round(p[0]), Math.round(p[1])];
        const b = out[out.length - 1], a = out[out.length - 2];
        if (b && b[0] === q[0] && b[1] === q[1]) continue;
        if (a && (b[0] - a[0]) * (q[1] - b[1]) === (b[1] - a[1]) * (q[0] - b[0]) &&
            (b[0] - a[0]) * (q[0] - b[0]) + (b[1] - a[1]) * (q[1] - b[1]) > 0) out.pop();
        out.push(q);
    }
    return out;
}

function level(w, { topology, z, from, extent }) {
    const side = 2 ** z, units = side * extent;
    const scaled = (line) => line.map(mercator).map(([x, y]) => [x * units, y * units]);
    const rings = [];
    for (const f of feature(topology, topology.objects.land).features)
        for (const polygon of f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates)
            for (const ring of polygon) rings.push(scaled(ring.slice(0, -1)));
    const borders = mesh(topology, topology.objects.countries, (a, b) => a !== b).coordinates.map(scaled);

    const tiles = new Map();
    const each = (line, closed) => {
        const xs = line.map((p) => Math.floor(p[0] / extent)), ys = line.map((p) => Math.floor(p[1] / extent));
        const lowest = (v) => Math.max(0, v.reduce((a, b) => Math.min(a, b)));
        const highest = (v) => Math.min(side - 1, v.reduce((a, b) => Math.max(a, b)));
        for (let x = lowest(xs); x <= highest(xs); x++) {
            const left = x * extent - MARGIN, right = (x + 1) * extent + MARGIN;
            const column = closed ? cut(cut(line, 0, left, true), 0, right, false) : line;
            for (let y = lowest(ys); column.length && y <= highest(ys); y++) {
                const local = column.map((p) => [p[0] - x * extent, p[1] - y * extent]);
                const parts = closed ? [cut(cut(local, 1, -MARGIN, true), 1, extent + MARGIN, false)]
                                     : pieces(local, -MARGIN, extent + MARGIN);
                for (const part of parts.map(rounded)) {
                    if (part.length < (closed ? 3 : 2)) continue;
                    const key = x + side * y;
                    if (!tiles.has(key)) tiles.set(key, { x, y, rings: [], borders: [] });
                    tiles.get(key)[closed ? 'rings' : 'borders'].push(part);
                }
            }
        }
    };
    for (const r of rings) each(r, true);
    for (const b of borders) each(b, false);

    w.u8(z), w.u8(from), w.u16(extent), w.u16(MARGIN), w.u16(tiles.size);
    for (const t of [...tiles.values()].sort((a, b) => a.y - b.y || a.x - b.x)) {
        w.u8(t.x), w.u8(t.y);
        for (const lines of [t.rings, t.borders]) {
            w.varint(lines.length);
            for (const l of lines) w.line(l);
        }
    }
}

const read = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`)));

function make(path, levels) {
    const w = new Writer();
    for (const c of 'HZL1') w.u8(c.charCodeAt(0));
    w.u8(levels.length);
    for (const l of levels) level(w, l);
    writeFileSync(path, Uint8Array.from(w.bytes));
}

// Leaves out points that make less than so many square kilometres of difference.
const coarser = (topology, km2) => simplify(presimplify(topology, sphericalTriangleArea), km2 / 6371 ** 2);

/** Writes land.bin, which is enough to begin with, and land-near.bin, which is loaded when one looks closer. */
export function makeLand(folder) {
    make(join(folder, 'land.bin'), [
        { topology: read('countries-110m'), z: 2, from: 0, extent: 4096 },
        { topology: read('countries-50m'), z: 4, from: 3, extent: 8192 },
    ]);
    make(join(folder, 'land-near.bin'), [{ topology: coarser(read('countries-10m'), 0.4), z: 6, from: 7, extent: 2048 }]);
}
