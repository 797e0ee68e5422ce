// Debian's Chromium without a window, and pages that tell what must not be: errors, and requests to others.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './hertzd.mjs';

export const require = createRequire(join(ROOT, 'web/package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

export const launch = () => chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--host-resolver-rules=MAP radio.lan 127.0.0.1', '--autoplay-policy=user-gesture-required'],
});

/**
 * A page in a context of its own. `page.faults` gathers what must not be: errors of the console or of scripts,
 * and requests to another origin, which are not let through. settings: as the page keeps them.
 */
export async function open(browser, url, { size = 'desktop', dark = false, settings = {}, motion = 'reduce', allow } = {}) {
    const context = await browser.newContext({
        viewport: SIZES[size], colorScheme: dark ? 'dark' : 'light', reducedMotion: motion,
        locale: 'en-GB', timezoneId: 'Europe/Berlin', hasTouch: size === 'phone',
    });
    const page = await context.newPage();
    const origin = new URL(url).origin;
    page.faults = [];
    page.on('console', m => {
        if (m.type() === 'error' && !allow?.test(m.text())) page.faults.push(`console: ${m.text()}`);
    });
    page.on('pageerror', e => page.faults.push(`error: ${e.stack ?? e}`));
    await page.route('**/*', route => {
        const to = new URL(route.request().url());
        if (to.origin === origin || to.protocol === 'data:' || to.protocol === 'blob:') return route.continue();
        page.faults.push(`foreign request: ${to}`);
        return route.abort();
    });
    if (Object.keys(settings).length)
        await page.addInitScript(s => localStorage.setItem('hertzd.settings', JSON.stringify(s)), settings);
    await page.goto(url);
    return page;
}

/** Serious findings of axe, one a line. */
export async function findings(page) {
    await page.evaluate(axe); // not a script element: the policy of the page forbids those of others
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    return violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
        .map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => `${n.target.join(' ')} (${n.failureSummary?.split('\n').pop().trim()})`).join('; ')}`);
}

/** For addInitScript: `played` is what is given to the loudspeaker, and when. */
export function spy() {
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (at = 0) {
        window.played.push({ at, now: this.context.currentTime, wall: performance.now(), samples: Array.from(this.buffer.getChannelData(0)) });
        return start.call(this, at);
    };
}
