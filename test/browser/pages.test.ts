/**
 * Every page: axe clean, one heading, no sideways scroll, no complaint; in English, light and wide or in Vietnamese, dark
 * and narrow by turns, and where CI=true in both.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { faultsOf, openDesk, settle, type Desk, type Look } from './desk.ts';

const place: { desk?: Desk } = {};
const desk = (): Desk => place.desk as Desk;

/** Pages by who sees them. */
const pages: readonly (readonly [string | null, readonly string[]])[] = [
  [null, ['/', '/continue', '/sign-in', '/accept', '/about-the-data', '/facts', '/statistics/attacks-by-origin']],
  ['per_lan', ['/', '/overview', '/events', '/feeds', '/feeds/create', '/feeds/feed_sensor-reports', '/batches',
    '/batches/upload', '/constituents', '/constituents/import', '/constituents/con_delta', '/constituents/con_delta/exposure']],
  ['per_hung', ['/', '/exposure']],
  ['per_khoa', ['/exposure', '/agreements/agr_warnminwaters', '/agreements/agr_warnminwaters/edit']],
  ['per_minh', ['/agreements', '/agreements/agr_kestrel', '/agreements/agr_kestrel/compare', '/agreements/agr_kestrel/usage',
    '/agreements/agr_kestrel/sponsor', '/sponsorships', '/successions', '/arrangement-notices', '/held-copies', '/eligibility',
    '/agreements/agr_meridian/rights', '/agreements/draft', '/facts',
    '/facts/3', '/organisations', '/people']],
  ['per_thao', ['/people', '/people/invite', '/tokens', '/account', '/approvals', '/break-glass', '/sign-in/provider', '/nowhere']],
];
const looks: readonly Look[] = [
  { tongue: 'en', theme: 'light', width: 1280 }, { tongue: 'vi', theme: 'dark', width: 360 },
];

const both = process.env['CI'] === 'true';

describe.skipIf(chromiumPath === null)('the pages in a real browser (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.desk = await openDesk(0.02);
  });
  afterAll(() => place.desk?.close());

  test.each(looks.flatMap((look) => pages.map(([person, paths]) => ({ look, person, paths }))))(
    '$look.tongue, $look.theme, $look.width pixels, as $person: nothing is wrong with any page',
    async ({ look, person, paths }) => {
      const { page, complaints, close } = await desk().visit(person, look);
      const found: string[] = [];
      for (const path of paths.filter((_, i) => both || i % looks.length === looks.indexOf(look))) {
        await settle(page, `${desk().origin}${path}`);
        found.push(...(await faultsOf(page)).map((fault) => `${path}: ${fault}`));
        found.push(...complaints.splice(0).map((complaint) => `${path}: ${complaint}`));
      }
      expect(await page.evaluate('document.documentElement.lang')).toBe(look.tongue);
      await close();
      expect(found).toEqual([]);
    },
  );
});
