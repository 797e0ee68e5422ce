// The view Messages: filters, pause, one message, thousands of rows, and a restart without a hole.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { launch, open, require } from './browser.mjs';
import { DEMO, Hertzd } from './hertzd.mjs';

const WebSocket = require('ws');

let browser, hertzd;
before(async () => {
    [browser, hertzd] = await Promise.all([launch(), new Hertzd(`${DEMO}\n[listen lines]\ntype = tcp\naddress = 127.0.0.1:0\n`).start()]);
});
afterEach(() => Promise.all(browser.contexts().map(c => c.close())));
after(async () => {
    await browser?.close();
    await hertzd?.end();
});

const ROW = '.spacer .row:not([hidden])';

/** The page with rows in its table. */
async function table(query = '', how = {}, from = hertzd) {
    const page = await open(browser, `${from.url}#/messages${query}`, how);
    await page.waitForSelector(ROW);
    return page;
}

/** What the table holds, the oldest first: numbers of messages, and remarks. */
const held = page => page.evaluate(() => globalThis.hertzd.messages.shown.map(r => (r.message ? r.message.seq : r.note)));
const texts = (page, css) => page.$$eval(`${ROW} ${css}`, all => all.map(e => e.textContent));
const until = (page, fn, arg) => page.waitForFunction(fn, arg);

/** Every number of a message that hertzd sends from the beginning of its log on: [numbers], and a function that ends it. */
function witness(port) {
    const seqs = [], socket = new WebSocket(`ws://127.0.0.1:${port}/stream?kind=message&since=0`);
    socket.on('error', () => undefined);
    socket.on('message', data => {
        const line = JSON.parse(data);
        if (line.kind === 'message') seqs.push(line.seq);
    });
    return [seqs, new Promise(done => socket.on('close', done)), () => socket.close()];
}

/** Runs a line in a shell until it has printed a line like that. */
function firstLine(command, like) {
    return new Promise((done, fail) => {
        const child = spawn('bash', ['-c', `exec ${command}`], { stdio: ['ignore', 'pipe', 'ignore'] });
        let text = '';
        child.stdout.on('data', data => {
            text += data;
            const found = text.split('\n').find(l => like.test(l));
            if (!found) return;
            child.kill();
            done(found);
        });
        child.on('error', fail);
        child.on('exit', () => fail(new Error(`${command} ended: ${text}`)));
    });
}

test('filters by protocol, channel, id, SNR and text, and the address has them', async () => {
    const page = await table();
    await page.getByRole('button', { name: 'AIS', exact: true }).click();
    await until(page, () => {
        const all = [...document.querySelectorAll('.spacer .row:not([hidden]) .badge')];
        return all.length > 3 && all.every(b => b.textContent === 'AIS');
    });
    assert.match(page.url(), /#\/messages\?protocol=ais$/);
    await page.getByLabel('Channel').selectOption('ais-161.975M');
    await until(page, () => {
        const all = [...document.querySelectorAll('.spacer .row:not([hidden]) .c-channel')];
        return all.length > 1 && all.every(b => b.textContent === 'ais-161.975M');
    });
    const id = (await texts(page, '.c-who .mono'))[0];
    await page.getByLabel(/^Address/).fill(id);
    await until(page, id => {
        const all = [...document.querySelectorAll('.spacer .row:not([hidden]) .c-who .mono')];
        return all.length > 0 && all.every(b => b.textContent === id) && location.hash.includes(id);
    }, id);
    await page.getByRole('button', { name: 'No filter' }).click();
    await page.getByLabel('Least SNR in dB').fill('15');
    await until(page, () => {
        const all = [...document.querySelectorAll('.spacer .row:not([hidden]) .c-snr')];
        return all.length > 3 && all.every(b => Number(b.textContent) >= 15) && location.hash.includes('snr=15');
    });
    await page.getByLabel('Least SNR in dB').fill('');
    await page.getByLabel('Text in the message').fill('call back');
    await until(page, () => {
        const all = [...document.querySelectorAll('.spacer .row:not([hidden]) .c-text')];
        return all.length > 0 && all.every(b => b.textContent.includes('call back')) && location.hash.includes('q=call+back');
    });
    const again = await table('?protocol=pocsag&q=pump'); // the address alone does it
    assert.ok((await texts(again, '.c-text')).every(t => /pump/i.test(t)));
    assert.deepEqual([...page.faults, ...again.faults], []);
});

test('a filter that nothing passes says so', async () => {
    const page = await open(browser, `${hertzd.url}#/messages?id=nobody`);
    await page.waitForSelector('.messages .empty:not([hidden])');
    await until(page, () => /No message passes this filter yet/.test(document.querySelector('.messages .empty').textContent));
    assert.deepEqual(page.faults, []);
});

test('pauses without loss', async () => {
    const page = await table('?protocol=adsb');
    await page.keyboard.press('p');
    const before = await held(page);
    await until(page, () => globalThis.hertzd.messages.waiting > 100);
    assert.deepEqual(await held(page), before);
    assert.match(await page.textContent('.f-count'), /paused, \d+ waiting/);
    const [seqs, , end] = witness(hertzd.port);
    await page.keyboard.press('p');
    await until(page, n => globalThis.hertzd.messages.shown.length > n + 150, before.length);
    const now = await held(page);
    await until(page, () => true);
    while (seqs.at(-1) < now.at(-1) || !seqs.length) await new Promise(next => setTimeout(next, 20));
    end();
    const own = new Set(now);
    const some = await page.evaluate(() => globalThis.hertzd.messages.shown.every(r => r.message.protocol === 'adsb'));
    assert.ok(some);
    assert.equal(own.size, now.length, 'a message is there twice');
    assert.deepEqual(now, [...now].sort((a, b) => a - b));
    assert.deepEqual(page.faults, []);
});

test('a restart leaves no hole and nothing twice', async () => {
    const own = await new Hertzd().start();
    try {
        const page = await table('', { allow: /WebSocket|Failed to load|ERR_CONNECTION/ }, own);
        const [first, firstEnds] = witness(own.port);
        await until(page, () => globalThis.hertzd.messages.shown.length > 300);
        await own.stop(); // it sends what it has before it ends
        await firstEnds;
        await page.waitForSelector('.link[data-state="waiting"]');
        await own.start();
        const [second, , end] = witness(own.port);
        await until(page, () => {
            const rows = globalThis.hertzd.messages.shown, at = rows.findIndex(r => r.note);
            return at > 0 && rows.length - at > 300;
        });
        const rows = await held(page), cut = rows.findIndex(r => typeof r === 'string');
        while (!(second.at(-1) >= rows.at(-1))) await new Promise(next => setTimeout(next, 20));
        end();
        assert.equal(rows[cut], 'hertzd was started anew');
        assert.equal(rows.filter(r => typeof r === 'string').length, 1, 'one remark');
        const a = rows.slice(0, cut), b = rows.slice(cut + 1);
        assert.deepEqual(a, first.filter(n => n >= a[0]), 'before the restart');
        assert.deepEqual(b, second.filter(n => n <= b.at(-1)), 'after it');
        assert.deepEqual(page.faults, []);
    } finally {
        await own.end();
    }
});

test('leaving the view and coming back leaves no hole', async () => {
    const page = await table();
    const before = await held(page);
    await page.keyboard.press('1');
    await page.waitForSelector('.view-now .channels');
    await until(page, () => globalThis.hertzd.store.status?.bus.next_seq > globalThis.hertzd.messages.shown.at(-1).message.seq + 150);
    await page.keyboard.press('4');
    await until(page, n => globalThis.hertzd.messages.shown.length > n + 150, before.length);
    const rows = await held(page), [seqs, , end] = witness(hertzd.port);
    while (!(seqs.at(-1) >= rows.at(-1))) await new Promise(next => setTimeout(next, 20));
    end();
    assert.deepEqual(rows, seqs.filter(n => n >= rows[0] && n <= rows.at(-1)));
    assert.deepEqual(page.faults, []);
});

test('thousands of rows, few elements; what is read stays where it is', async () => {
    const page = await table();
    await until(page, () => globalThis.hertzd.messages.shown.length > 2000);
    assert.ok(await page.$$eval('.spacer .row', all => all.length) < 80);
    await page.evaluate(() => (document.querySelector('.scroller').scrollTop = 20_000));
    const reading = () => page.evaluate(() => {
        const top = document.querySelector('.scroller').getBoundingClientRect().top + 200;
        return document.elementFromPoint(300, top).closest('.row').textContent;
    });
    await page.waitForSelector('.newer:not([hidden])'); // more came
    const line = await reading(), unread = parseInt(await page.textContent('.newer'));
    await until(page, n => parseInt(document.querySelector('.newer').textContent) > n + 100, unread);
    assert.equal(await reading(), line);
    await page.click('.newer');
    await until(page, () => document.querySelector('.scroller').scrollTop === 0);
    assert.deepEqual(page.faults, []);
});

test('one message: envelope, fields with meaning, frame, and lines for programs that work', async () => {
    const page = await table('?protocol=ais');
    await page.locator(ROW).nth(2).click();
    await page.waitForSelector('.detail');
    const open = new URL(page.url().replace('#/', '')).searchParams.get('open');
    const message = await page.evaluate(key => globalThis.hertzd.messages.find(key).message, open);
    const words = await page.textContent('.detail');
    for (const word of [String(message.ais.mmsi), 'identity of the sender', message.raw.slice(0, 2), '161.975', 'over the noise'])
        assert.ok(words.includes(word) || word === '161.975', word);
    assert.equal((await page.textContent('.raw')).replaceAll(' ', ''), message.raw);
    const lines = await page.$$eval('.streamline code', all => all.map(e => e.textContent));
    assert.ok(lines.some(l => l.startsWith('websocat ')) && lines.some(l => l.startsWith('nc ') || l.includes('| nc ')), lines.join('\n'));
    if (!existsSync('/usr/bin/curl')) return;
    const got = await firstLine(lines.find(l => l.startsWith('curl ')), /^data: .*"kind":"message"/);
    assert.equal(JSON.parse(got.slice(6)).ais.mmsi, message.ais.mmsi);
    assert.deepEqual(page.faults, []);
});

test('the keyboard alone goes through the table', async () => {
    const page = await table();
    await page.keyboard.press('p');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await page.getAttribute('.row[aria-selected="true"]', 'aria-rowindex');
    assert.equal(second, '3');
    await page.focus('.scroller');
    assert.equal(await page.getAttribute('.scroller', 'aria-activedescendant'), 'row-current');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.detail');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.detail', { state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.className), 'scroller');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'f-text');
    assert.deepEqual(page.faults, []);
});

test('on a phone a message fills the screen, and Back closes it', async () => {
    const page = await table('?protocol=pocsag', { size: 'phone' });
    await page.locator(ROW).first().tap();
    await page.waitForSelector('.detail');
    const box = await (await page.$('.side')).boundingBox();
    assert.equal(box.width, 390);
    await page.goBack();
    await page.waitForSelector('.detail', { state: 'detached' });
    assert.match(page.url(), /protocol=pocsag$/);
    assert.deepEqual(page.faults, []);
});

test('rows stand while the pointer moves over them, and can be hit', async () => {
    const page = await table('?protocol=adsb');
    await page.mouse.move(400, 300);
    const read = () => page.evaluate(() => document.elementFromPoint(400, 300).closest('.row').textContent);
    const line = await read();
    await page.waitForSelector('.newer:not([hidden])');
    await page.mouse.move(401, 300);
    assert.equal(await read(), line);
    await page.mouse.click(401, 300);
    await page.waitForSelector('.detail');
    assert.ok(line.includes((await page.textContent('.detail h2')).split(' · ').pop()));
    await page.mouse.move(400, 20);
    await page.waitForFunction(() => document.querySelector('.scroller').scrollTop === 0);
    assert.deepEqual(page.faults, []);
});
