/** A picture that a browser took of the reading room, scaled, cut and saved as JPEG, tells whose sitting it is; one of another page does not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMark } from '#kit/watermark/find';
import { readPicture, type Picture } from '#kit/watermark/picture';
import { cut, jpegOf, scaled } from '../../src/kit/watermark/testing.ts';
import { chromiumPath } from './chromium.ts';
import { openDesk, settle, type Desk } from './desk.ts';

const place: { desk?: Desk; room?: string; code?: number } = {};
const desk = (): Desk => place.desk as Desk;

async function picture(theme: 'light' | 'dark', path: string): Promise<Picture> {
  const { page, close } = await desk().visit('per_son', { theme });
  await settle(page, `${desk().origin}${path}`);
  if (path.startsWith('/reviews')) await page.locator('[data-mark]').waitFor();
  const shot = await page.screenshot();
  await close();
  return readPicture(shot);
}

/** The longest file of the first folder that has any. */
async function someFile(review: string, path: string, cookie: string): Promise<string> {
  const answer = await desk().hub.ask('GET', `/api/reviews/${review}/folder?path=${encodeURIComponent(path)}`, undefined, { cookie });
  const { entries } = answer.json<{ entries: { path: string; folder: boolean; size: number }[] }>();
  const [longest] = entries.filter((e) => !e.folder).sort((a, b) => b.size - a.size);
  return longest?.path ?? someFile(review, entries[0]?.path ?? '', cookie);
}

describe.skipIf(chromiumPath === null)('a picture of the reading room (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.desk = await openDesk(0.02);
    const cookie = await desk().hub.as('per_son');
    const { items } = (await desk().hub.ask('GET', '/api/visits', undefined, { cookie })).json<{ items: { id: string }[] }>();
    const begun = await desk().hub.ask('POST', `/api/visits/${items[0]?.id}/reviews`, {}, { cookie });
    const review = begun.json<{ review: { id: string; mark: string } }>().review;
    place.code = Number.parseInt(review.mark.slice(-8), 16);
    const file = await someFile(review.id, '', cookie);
    place.room = `/reviews/${review.id}?path=${encodeURIComponent(file)}`;
  });
  afterAll(() => place.desk?.close());

  test.each([['light', 0.75], ['light', 1.25], ['dark', 1], ['dark', 0.8]] as const)('%s, at %s of its size, is its sitting’s', async (theme, by) => {
    const whole = await picture(theme, place.room ?? '');
    const shown = scaled(whole, by);
    expect(findMark(readPicture(jpegOf(shown, 60)))?.number).toBe(place.code);
    // The middle of the file alone: no side of it, and not on a tile's edge.
    const part = cut(shown, Math.round(330 * by), Math.round(301 * by), Math.round(420 * by), Math.round(380 * by));
    expect(findMark(readPicture(jpegOf(part, 60)))?.number).toBe(place.code);
  });
  test('of a page without a mark is nobody’s', async () => {
    for (const path of ['/visits', '/products']) expect(findMark(readPicture(jpegOf(await picture('light', path), 60)))).toBeNull();
  });
});
