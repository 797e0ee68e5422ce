// tar1090's own page, with the files of an output and over HTTP: the aircraft are on it, where hertzd has them.
// Needs its `html` folder (github.com/wiedehopf/tar1090), named by HZ_TAR1090; else it is skipped.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { Hertzd } from './hertzd.mjs';

const html = process.env.HZ_TAR1090;
const skip = html ? false : 'HZ_TAR1090 names no folder with the html of tar1090';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png' };
const SKY = `
[receiver sky]
source = sim
scene = aircraft
latitude = 53.76
longitude = 8.67
pace = realtime
[channel 1090]
decoder = adsb
`;

let hertzd, browser, site, asked;

/** What a web server does for tar1090: its page, and behind /data/ the files or hertzd itself. */
async function serve(req, res) {
    const [, way, ...rest] = req.url.split('?')[0].split('/'), path = normalize('/' + rest.join('/'));
    asked.push(path);
    if (way === 'http' && path.startsWith('/data/')) {
        const query = req.url.includes('?') ? req.url.slice(req.url.indexOf('?')) : '';
        request(hertzd.url.slice(0, -1) + path + query, answer => {
            res.writeHead(answer.statusCode, answer.headers);
            answer.pipe(res);
        }).end();
        return;
    }
    const file = path.startsWith('/data/') ? join(hertzd.dir, 'aircraft', path.slice(6)) : join(html, path === '/' ? 'index.html' : path);
    try {
        const body = await readFile(file);
        res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache' }).end(body);
    } catch {
        res.writeHead(404).end();
    }
}

before(async () => {
    if (skip) return;
    hertzd = new Hertzd();
    hertzd.config = `${SKY}\n[output tar1090]\ntype = aircraft-json\npath = ${hertzd.dir}/aircraft\n`;
    [, browser] = await Promise.all([hertzd.start(), launch()]);
    asked = [];
    site = createServer(serve);
    await new Promise(done => site.listen(0, '127.0.0.1', done));
});
after(async () => {
    await browser?.close();
    site?.close();
    site?.closeAllConnections();
    await hertzd?.end();
});

for (const way of ['files', 'http'])
    test(`tar1090 shows the aircraft: ${way}`, { skip, timeout: 60000 }, async () => {
        const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage(), errors = [];
        page.on('pageerror', e => errors.push(String(e)));
        await page.route(url => url.hostname !== '127.0.0.1', route => route.abort()); // map tiles
        await page.goto(`http://127.0.0.1:${site.address().port}/${way}/`);
        const planes = () => page.evaluate(() => typeof g === 'undefined' || !g.planes ? [] : Object.values(g.planes).map(p => ({
            icao: p.icao, position: p.position, flight: p.flight,
            desc: p.typeLong, messages: p.messages, addrtype: p.addrtype, rssi: p.rssi })));
        let shown = [], rows = 0, rate = NaN;
        do {
            await page.waitForTimeout(250);
            shown = (await planes()).filter(p => p.position && p.messages > 10);
            rows = await page.locator('#planesTable tbody tr').count();
            rate = parseFloat(await page.locator('#dump1090_message_rate').textContent());
        } while (shown.length < 10 || rows < 10 || !(rate > 20));
        // a moment later hertzd knows each of them, at most some seconds of flight away
        const known = new Map((await (await fetch(`${hertzd.url}aircraft`)).json()).aircraft.map(a => [a.id, a]));
        for (const p of shown) {
            const a = known.get(p.icao);
            assert.ok(a, `${p.icao} is unknown to hertzd`);
            assert.ok(Math.abs(p.position[1] - a.lat) < 0.05 && Math.abs(p.position[0] - a.lon) < 0.08, `${p.icao}: ${p.position} is not ${a.lat}, ${a.lon}`);
            assert.match(p.addrtype, /^adsb_icao/);
            assert.equal(p.desc, 'simulated', 'what is simulated is not shown as real');
            assert.ok(p.rssi < 0);
            if (p.flight) assert.equal(p.flight.trim(), a.name);
        }
        const [one, two] = await Promise.all([0, 2000].map(async ms => {
            await page.waitForTimeout(ms);
            return (await fetch(`${hertzd.url}data/aircraft.json`)).json();
        }));
        const truth = (two.messages - one.messages) / (two.now - one.now);
        assert.ok(rate > truth / 3 && rate < truth * 3, `${rate} messages a second on the page, ${truth} in truth`);
        assert.deepEqual(errors, []);
        assert.ok(asked.includes('/data/receiver.json') && asked.includes('/data/aircraft.json'));
        console.log(`# ${way}: ${shown.length} aircraft with a position, ${rows} rows, ${rate} messages/s (in truth ${truth.toFixed(1)})`);
        if (process.env.HZ_SHOT) await page.screenshot({ path: `${process.env.HZ_SHOT}-${way}.png` });
        await page.context().close();
    });
