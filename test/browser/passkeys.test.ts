/**
 * A production hub's first day in a real browser with a virtual authenticator: the one-time link, the first passkey, signing
 * out and in again; and ceremonies that must fail.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entente, type Ran } from '../app/process.ts';
import { chromiumPath, launch } from './chromium.ts';
import { freePort } from '../free-port.ts';

const place: { folder: string; port: number; hub?: Ran; browser?: Browser; link: string } = { folder: '', port: 0, link: '' };

interface Visit { page: Page }

async function visit(): Promise<Visit> {
  const context = await (place.browser as Browser).newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    },
  });
  return { page };
}

const origin = (): string => `http://localhost:${place.port}`;
const session = (page: Page) => page.evaluate(async () => (await fetch('/api/session')).json() as Promise<{ actor: { rights: string[] } | null }>);

describe.skipIf(chromiumPath === null)('passkeys in a real browser (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'entente-passkeys-'));
    place.port = await freePort();
    place.browser = await launch();
    place.hub = entente(['serve'], {
      ENTENTE_DATA: join(place.folder, 'hub'), ENTENTE_PORT: String(place.port), ENTENTE_ORIGIN: origin(),
    });
    place.link = (await place.hub.until(/(http:\/\/localhost:\d+\/accept#[\w-]+)/))[1] ?? '';
    await place.hub.until(/ready at/);
  });
  afterAll(async () => {
    await place.browser?.close();
    place.hub?.child.kill('SIGTERM');
    await place.hub?.exited;
    await rm(place.folder, { recursive: true, force: true });
  });

  test('the link makes the administrator, once; signing out and in works; the cookie is __Host-, Secure, HttpOnly, Lax', async () => {
    const { page } = await visit();
    await page.goto(place.link);
    await page.getByRole('button', { name: /passkey/i }).click();
    await page.waitForURL((url) => url.pathname === '/');
    expect((await session(page)).actor?.rights).toContain('invitation.create');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: '__Host-entente', secure: true, httpOnly: true, sameSite: 'Lax', path: '/' });
    await page.evaluate(async () => fetch('/api/session', { method: 'DELETE' }));
    expect((await session(page)).actor).toBeNull();
    await page.goto(`${origin()}/sign-in`);
    await page.getByRole('button', { name: /passkey/i }).click();
    await page.waitForURL((url) => url.pathname === '/');
    expect((await session(page)).actor).not.toBeNull();
    const again = await page.evaluate(async (secret) =>
      (await fetch('/api/invitations/view', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ secret }),
      })).status, place.link.split('#')[1]);
    expect(again).toBe(404);
  });

  test('a challenge answers once; a forged answer and an unknown challenge are refused in the same words', async () => {
    const { page } = await visit();
    const post = (on: Page, path: string, body: unknown) => on.evaluate(async ([p, b]) => {
      const answer = await fetch(p as string, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(b),
      });
      return { status: answer.status, body: await answer.json() as Record<string, unknown> };
    }, [path, body] as const);
    await page.goto(`${origin()}/sign-in`);
    const made = await post(page, '/api/session/challenge', {});
    const forged = {
      id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {},
      response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' },
    };
    const { challengeId } = made.body as { challengeId: string };
    const first = await post(page, '/api/session', { challengeId, response: forged });
    const second = await post(page, '/api/session', { challengeId, response: forged });
    const none = await post(page, '/api/session', { challengeId: 'cha_neverwas', response: forged });
    expect([first.status, second.status, none.status]).toEqual([401, 401, 401]);
    expect(second.body).toEqual(first.body);
    expect(none.body).toEqual(first.body);
  });
});
