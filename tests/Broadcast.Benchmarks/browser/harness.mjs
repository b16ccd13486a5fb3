// What the measurements in Chromium share: the browser, pages with a script of their own, percentiles.
import { chromium } from 'playwright-core';

const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--mute-audio', '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/** Starts Debian's Chromium. */
export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: flags });

/** A page of the server's origin, in a context of its own, on which a script has run. */
export async function open(browser, server, script) {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(script);
  await page.goto(`${server}/health/live`);
  return page;
}

/** NaN of no values. */
export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? NaN;
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
