/** A Chromium found on the machine, for the browser tests; without one they are skipped, and where CI=true that is a failure. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'];

/** Path of the browser, or null. */
export const chromiumPath: string | null = places.find((path) => existsSync(path)) ?? null;

export function launch(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('no Chromium was found');
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}
