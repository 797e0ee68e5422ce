// The view Now: what runs, what is wrong, and what a token permits.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { Hertzd } from './hertzd.mjs';

let browser;
before(async () => {
    browser = await launch();
});
afterEach(() => Promise.all(browser.contexts().map(c => c.close())));
after(() => browser?.close());

/** Runs it with a hertzd of its own. */
async function withHertzd(hertzd, run) {
    try {
        await run(hertzd);
    } finally {
        await hertzd.end();
    }
}

const SKY = '[receiver sky]\nsource = sim\nscene = aircraft\npace = realtime\n\n[channel 1090]\ndecoder = adsb\nreceiver = sky\n';
const VHF = '[receiver vhf]\nsource = sim\nscene = mix\npace = realtime\n\n[channel ais]\ndecoder = ais\nreceiver = vhf\n';

const now = async (hertzd, how) => {
    const page = await open(browser, hertzd.url, how);
    await page.waitForSelector('.receiver');
    return page;
};

test('receivers and channels with their numbers, as the status has them', async () =>
    withHertzd(await new Hertzd(SKY + VHF).start(), async hertzd => {
        const page = await now(hertzd);
        await page.waitForFunction(() => [...document.querySelectorAll('.channels .rate')].every(e => /^\d/.test(e.textContent) && e.textContent !== '0'));
        assert.deepEqual(await page.$$eval('.receiver h2', all => all.map(e => e.textContent)), ['sky', 'vhf']);
        assert.deepEqual(await page.$$eval('.channels .name', all => all.map(e => e.textContent)), ['1090', 'ais-161.975M', 'ais-162.025M']);
        const facts = await page.textContent('.receiver:first-child .facts');
        for (const word of ['1090.000', 'dBFS', 'none']) assert.ok(facts.includes(word), `${word} in ${facts}`);
        assert.match(await page.textContent('.now-headline'), /2 of 2 receivers streaming/);
        assert.equal(await page.locator('.receiver-controls button').count(), 0, 'no control without a role for it');
        assert.equal(await page.locator('.trouble').count(), 0);
        assert.deepEqual(page.faults, []);
    }));

test('what is wrong stands first, with what to do', async () =>
    withHertzd(await new Hertzd(`${SKY}\n[receiver attic]\nsource = rtl_tcp\naddress = 127.0.0.1:1\n\n[channel ships]\ndecoder = ais\nreceiver = attic\n`).start(), async hertzd => {
        const page = await now(hertzd);
        await page.waitForSelector('.trouble[data-severity="error"]');
        const words = await page.textContent('.trouble');
        assert.match(words, /receiver attic/);
        assert.match(words, /Check the address/);
        const [first, tiles] = await page.evaluate(() => ['.trouble', '.tiles'].map(css => document.querySelector(css).getBoundingClientRect().top));
        assert.ok(first < tiles);
        assert.deepEqual(page.faults, []);
    }));

test('while nothing was received it says why', async () =>
    withHertzd(await new Hertzd('[receiver attic]\nsource = rtl_tcp\naddress = 127.0.0.1:1\n\n[channel ships]\ndecoder = ais\nreceiver = attic\n').start(), async hertzd => {
        const page = await now(hertzd);
        await page.waitForSelector('.quiet:not([hidden])');
        assert.match(await page.textContent('.quiet'), /no receiver delivers samples/);
        await page.keyboard.press('4');
        await page.waitForFunction(() => /No message yet/.test(document.querySelector('.messages .empty')?.textContent ?? ''));
        assert.deepEqual(page.faults, []);
    }));

test('a token is asked for, refused if wrong, and kept; its role decides', async () => {
    const hertzd = new Hertzd(SKY, '');
    const tokens = join(hertzd.dir, 'tokens');
    writeFileSync(tokens, 'read sofa reader-token-0123456789\ncontrol desk control-token-0123456789\n', { mode: 0o600 });
    hertzd.listen = `tokens = ${tokens}`;
    await withHertzd(await hertzd.start(), async () => {
        const page = await open(browser, hertzd.url, { allow: /401/ });
        await page.waitForSelector('dialog input[name="token"]');
        await page.locator('#token').fill('wrong');
        await page.getByRole('button', { name: 'Use it' }).click();
        await page.waitForSelector('dialog .problem');
        await page.locator('#token').fill('reader-token-0123456789');
        await page.getByRole('button', { name: 'Use it' }).click();
        await page.waitForSelector('.receiver');
        await page.waitForSelector('.link[data-state="open"]');
        assert.equal(await page.locator('.receiver-controls button').count(), 0);
        await page.waitForFunction(() => !document.querySelector('dialog[open]')); // it takes the keys
        await page.keyboard.press('4');
        await page.waitForSelector('.spacer .row:not([hidden])');
        await page.reload();
        await page.waitForSelector('.spacer .row:not([hidden])');
        await page.keyboard.press('1');
        await page.keyboard.press(',');
        await page.getByRole('button', { name: 'Change the token' }).click();
        await page.locator('#token').fill('control-token-0123456789');
        await page.getByRole('button', { name: 'Use it' }).click();
        await page.keyboard.press('Escape');
        await page.waitForSelector('.receiver-controls button');
        assert.deepEqual(page.faults, []);
    });
});

test('with control: channels are added and removed, and errors are told in words', async () =>
    withHertzd(await new Hertzd(VHF, 'control = yes').start(), async hertzd => {
        const page = await now(hertzd);
        await page.getByRole('button', { name: 'Add channel' }).click();
        await page.waitForSelector('#add-decoder option[value="adsb"]', { state: 'attached' });
        await page.selectOption('#add-decoder', 'adsb');
        await page.fill('#add-name', 'more');
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await page.waitForFunction(() => /outside the band of receiver vhf/.test(document.querySelector('.answer').textContent));
        await page.selectOption('#add-decoder', 'nfm');
        await page.fill('#add-frequency', '161.6');
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await page.waitForSelector('dialog', { state: 'detached' });
        await page.waitForFunction(() => [...document.querySelectorAll('.channels .name')].some(e => e.textContent.startsWith('more')));
        assert.ok((await hertzd.rpc('channels')).some(c => c.name === 'more' && c.freq_hz === 161.6e6));
        await page.getByRole('button', { name: 'Remove the channel more' }).click();
        await page.getByRole('button', { name: 'Remove', exact: true }).click();
        await page.waitForFunction(() => ![...document.querySelectorAll('.channels .name')].some(e => e.textContent.startsWith('more')));
        assert.deepEqual(page.faults, []);
    }));

test('with control: a receiver is tuned, and gain, ppm and bias are set', async () =>
    withHertzd(await new Hertzd(`${VHF}\n[listen samples]\ntype = rtl_tcp\naddress = 127.0.0.1:0\nreceiver = vhf\n`).start(), async server => {
        const port = (await server.rpc('status')).listeners.find(l => l.name === 'samples').address.split(':').pop();
        await withHertzd(await new Hertzd(`[receiver far]\nsource = rtl_tcp\naddress = 127.0.0.1:${port}\nrate = 2400000\ncentre = 162.4M\n\n[channel ais]\ndecoder = ais\nreceiver = far\n`, 'control = yes').start(), async hertzd => {
            const page = await now(hertzd);
            await page.waitForSelector('.receiver .chip[data-tone="good"]');
            await page.getByRole('button', { name: 'Change' }).click();
            await page.getByText('sudo hertzctl config --save').waitFor(); // else it would be lost with the next start
            const set = async (name, value) => {
                const form = page.locator('form.setting', { has: page.getByLabel(name, { exact: true }) });
                const input = form.getByLabel(name, { exact: true });
                if ((await input.evaluate(e => e.tagName)) === 'SELECT') await input.selectOption({ label: value });
                else await input.fill(value);
                await form.getByRole('button', { name: 'Set' }).click();
                await form.locator('.answer', { hasNotText: 'Asking' }).filter({ hasText: /./ }).waitFor();
                return form.locator('.answer').textContent();
            };
            assert.equal(await set('Correction of the crystal', '3'), 'Done.');
            assert.equal(await set('Bias tee', 'on'), 'Done.');
            assert.match(await set('Correction of the crystal', 'much'), /is no number/);
            assert.match(await set('Centre frequency', '433.92'), /would be deaf/);
            assert.equal(await set('Centre frequency', '162.3'), 'Done.');
            const [r] = await hertzd.rpc('receivers');
            assert.equal(r.ppm, 3);
            assert.equal(r.bias_tee, true);
            assert.equal(r.centre_hz, 162.3e6);
            assert.deepEqual(page.faults, []);
        });
    }));
