// The frame: every view shows live data without a fault; settings, keys, connection, token, proxy.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createConnection } from 'node:net';
import { SIZES, findings, launch, open } from './browser.mjs';
import { Hertzd } from './hertzd.mjs';

/** What a view shows when its data is there. */
const ALIVE = {
    now: '.channels tbody tr',
    spectrum: 'canvas',
    map: 'canvas',
    messages: '.spacer .row:not([hidden])',
    sound: '.view > *',
};

const live = async (page, view) => {
    await page.waitForSelector(`.link[data-state="open"]`);
    await page.waitForSelector(ALIVE[view], { state: 'attached' });
};

/** By how many pixels the page is wider than the screen. */
const tooWide = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** A proxy at a path of another port: PATH/x of it is /x of hertzd. */
async function proxy(port, path) {
    const strip = url => (url.startsWith(`${path}/`) ? url.slice(path.length) : null);
    const server = createServer((req, res) => {
        const to = strip(req.url);
        if (to === null) {
            res.writeHead(404).end();
            return;
        }
        const out = request({ port, host: '127.0.0.1', path: to, method: req.method, headers: { ...req.headers, connection: 'close' } }, answer => {
            res.writeHead(answer.statusCode, answer.headers);
            answer.pipe(res);
        });
        out.on('error', () => res.destroy());
        req.pipe(out);
    });
    server.on('upgrade', (req, socket, head) => {
        const to = strip(req.url);
        const out = createConnection(port, '127.0.0.1', () => {
            const fields = Object.entries(req.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('');
            out.write(`${req.method} ${to} HTTP/1.1\r\n${fields}\r\n`);
            out.write(head);
            out.pipe(socket).pipe(out);
        });
        out.on('error', () => socket.destroy());
        socket.on('error', () => out.destroy());
    });
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    return server;
}

let browser, hertzd;
before(async () => {
    [browser, hertzd] = await Promise.all([launch(), new Hertzd().start()]);
});
afterEach(() => Promise.all(browser.contexts().map(c => c.close())));
after(async () => {
    await browser?.close();
    await hertzd?.end();
});

// Each size and each theme once; all four with HZ_WEB_ALL.
for (const size of Object.keys(SIZES))
    for (const dark of process.env.HZ_WEB_ALL ? [false, true] : [size === 'phone'])
        test(`every view is alive and accessible, ${size}, ${dark ? 'dark' : 'light'}`, async () => {
            const page = await open(browser, hertzd.url, { size, dark }), wrong = [];
            for (const view of Object.keys(ALIVE)) {
                await page.evaluate(v => (location.hash = `#/${v}`), view);
                await page.waitForSelector(`main.view-${view}`);
                await live(page, view);
                wrong.push(...(await findings(page)).map(f => `${view}: ${f}`));
                const wide = await tooWide(page);
                if (wide) wrong.push(`${view}: ${wide} pixels wider than the screen`);
            }
            assert.deepEqual([...wrong, ...page.faults], []);
        });

test('a view that is being left does not take the address back', async () => {
    const page = await open(browser, `${hertzd.url}#/map`);
    const kind = 'main.view-map [aria-pressed]';
    await page.waitForSelector(kind);
    await live(page, 'map');
    await page.evaluate(k => {
        location.hash = '#/messages'; // the event of it comes later than the click
        document.querySelector(k).click();
    }, kind);
    await page.waitForSelector('main.view-messages');
    assert.match(new URL(page.url()).hash, /^#\/messages/);
    assert.deepEqual(page.faults, []);
});

test('the policy forbids code and requests of others', async () => {
    const answer = await fetch(hertzd.url);
    const policy = answer.headers.get('content-security-policy');
    for (const word of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) assert.ok(policy.includes(word), word);
    assert.ok(!policy.includes('unsafe-inline') && !policy.includes("'unsafe-eval'"));
    const page = await open(browser, hertzd.url, { allow: /Content Security Policy/ });
    const ran = await page.evaluate(() => new Promise(done => {
        const s = document.createElement('script');
        s.textContent = 'globalThis.evil = 1';
        document.head.append(s);
        done(globalThis.evil ?? null);
    }));
    assert.equal(ran, null);
});

test('files are packed, tagged, and not sent twice', async () => {
    const plain = await fetch(`${hertzd.url}app.js`, { headers: { 'Accept-Encoding': 'identity' } });
    const text = await plain.text(), tag = plain.headers.get('etag');
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(text, readFileSync(new URL('../../web/dist/app.js', import.meta.url), 'utf8'));
    const packed = await fetch(`${hertzd.url}app.js`, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(await packed.text(), text);
    const again = await fetch(`${hertzd.url}app.js`, { headers: { 'If-None-Match': tag } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
});

test('settings hold, and change units, times and colours', async () => {
    const page = await open(browser, `${hertzd.url}#/messages?protocol=adsb`);
    await live(page, 'messages');
    await page.keyboard.press(',');
    await page.getByLabel('Dark').check();
    await page.getByLabel('Aeronautical').check();
    await page.getByLabel('UTC').check();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => /UTC$/.test(document.querySelector('.clock').textContent));
    await page.waitForFunction(() => [...document.querySelectorAll('.c-text')].some(c => /\d\u00a0(ft|kt)/.test(c.textContent)));
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
    await page.reload();
    await live(page, 'messages');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.match(await page.textContent('.clock'), /UTC$/);
    assert.deepEqual(page.faults, []);
});

test('keys lead everywhere, and are listed', async () => {
    const page = await open(browser, hertzd.url);
    await live(page, 'now');
    for (const [key, view] of [['2', 'spectrum'], ['3', 'map'], ['4', 'messages'], ['5', 'sound'], ['1', 'now']]) {
        await page.keyboard.press(key);
        await page.waitForSelector(`main.view-${view}`);
    }
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open] kbd');
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    assert.deepEqual(page.faults, []);
});

test('every view lives at an insecure origin', async () => {
    const page = await open(browser, `http://radio.lan:${hertzd.port}/`);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    for (const view of Object.keys(ALIVE)) {
        await page.evaluate(v => (location.hash = `#/${v}`), view);
        await page.waitForSelector(`main.view-${view}`);
        await live(page, view);
    }
    assert.deepEqual(page.faults, []);
});

test('behind a reverse proxy at a path', async () => {
    const server = await proxy(hertzd.port, '/radio/home');
    try {
        const page = await open(browser, `http://127.0.0.1:${server.address().port}/radio/home/#/messages`);
        await live(page, 'messages');
        await page.evaluate(() => (location.hash = '#/now'));
        await live(page, 'now');
        assert.deepEqual(page.faults, []);
        await page.context().close();
    } finally {
        server.closeAllConnections();
        server.close();
    }
});

test('a restart of hertzd: the page says so, and goes on by itself', async () => {
    const own = await new Hertzd().start();
    try {
        const page = await open(browser, own.url, { allow: /WebSocket|Failed to load|ERR_CONNECTION/ });
        await live(page, 'now');
        await own.stop();
        await page.waitForSelector('.link[data-state="waiting"]');
        await page.waitForSelector('.stale');
        await own.start();
        await page.waitForSelector('.link[data-state="open"]');
        await page.waitForSelector('.view:not(.stale)');
        assert.equal(await page.isHidden('.banner'), true);
        assert.deepEqual(page.faults, []);
    } finally {
        await own.end();
    }
});

test('another page in hertzd after an update: the page says so', async () => {
    const page = await open(browser, hertzd.url);
    await live(page, 'now');
    await page.route('**/app.js', async route => {
        const answer = await route.fetch();
        return route.fulfill({ response: answer, headers: { ...answer.headers(), etag: 'W/"another"' } });
    });
    await page.evaluate(() => globalThis.hertzd.link.restart());
    await page.waitForSelector('.banner:not([hidden]) button');
    assert.deepEqual(page.faults, []);
});

test('a slow server: the page appears, and fills when answers come', async () => {
    const page = await open(browser, 'about:blank');
    await page.unroute('**/*');
    let go;
    const gate = new Promise(done => (go = done));
    await page.route(/\/(status|whoami)$/, async route => {
        await gate;
        return route.continue();
    });
    await page.goto(hertzd.url);
    await page.waitForSelector('nav a');
    assert.match(await page.textContent('.now-headline'), /Asking hertzd/);
    await page.keyboard.press('4'); // it can be used meanwhile
    await page.waitForSelector('main.view-messages');
    await page.keyboard.press('1');
    go();
    await live(page, 'now');
    assert.deepEqual(page.faults, []);
});
