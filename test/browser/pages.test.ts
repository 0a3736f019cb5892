/**
 * Every page: axe clean, one heading, no sideways scroll, no complaint; in English, light and wide or in Vietnamese, dark
 * and narrow. The tier `ci` looks at each page, by turns in one look or the other, FULL=yes in both; any clone at some.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { faultsOf, openDesk, settle, type Desk, type Look, type Visit } from './desk.ts';

const place: { desk?: Desk; window?: Visit; whose?: string } = {};
const desk = (): Desk => place.desk as Desk;

/** One window a person and look, as a person has it: a new one loads all scripts anew, which costs more than the page. */
async function windowOf(person: string | null, look: Look): Promise<Visit> {
  const whose = JSON.stringify([person, look]);
  if (place.window && place.whose === whose) return place.window;
  await place.window?.close();
  place.whose = whose;
  return place.window = await desk().visit(person, look);
}

/** Pages by who sees them. */
const pages: readonly (readonly [string | null, readonly string[]])[] = [
  [null, ['/', '/continue', '/sign-in', '/accept', '/notice', '/about-the-data', '/facts', '/statistics/attacks-by-origin',
    '/attack-origins']],
  ['per_lan', ['/', '/overview', '/attack-origins?period=2018-Q4', '/botnet-clean-up?month=2023-06', '/isp-league',
    '/state-offices?month=2023-06', '/website-attacks', '/website-attacks?from=2026-06-11&to=2026-06-11&attack=defacement&host=100.121.7.20',
    '/events', '/feeds', '/feeds/create', '/feeds/feed_sensor-reports',
    '/feed-health', '/feeds/feed_sensor-reports/sources/new',
    '/feeds/feed_sensor-reports/sources/new?kind=http', '/feeds/feed_sensor-reports/sources/new?kind=imap',
    '/feeds/feed_bang-su-co/mapping', '/files', '/report-schemas?version=0', '/batches', '/batches/upload', '/constituents', '/constituents/import',
    '/exposure-advisories', '/exposure-advisories/exa_filesharing', '/exposure-advisories/publish', '/scans', '/scans/request', '/source-scores',
    '/constituents/con_delta', '/constituents/con_delta/exposure', '/notices', '/connections', '/blocking-lists']],
  ['per_hung', ['/', '/exposure', '/my-notices', '/my-blocking-lists']],
  ['per_long', ['/my-isp-league']],
  ['per_lan', ['/threats', '/threats/malware--5e000000-0000-4000-8000-000000000001', '/threats/import', '/collections', '/collections/open',
    '/quarantined-threats',
    '/look-up', '/blind-lists', '/communities', '/reshares', '/reshares?side=asked', '/threat-source-cards', '/my/threat-card', '/recalls', '/my/recalls',
    '/alerts', '/alerts/send', '/my/alerts', '/my/alert-line', '/peers', '/peers/add',
    '/parcels', '/parcels/pin', '/vulnerabilities', '/vulnerabilities/CVE-2099-10001', '/vulnerabilities/import', '/check-products']],
  ['per_lan', ['/exports', '/exports/make']],
  ['per_moser', ['/products', '/products/add', '/watermarks']], ['per_son', ['/products', '/my/documents']],
  ['per_son', ['/rebuilds', '/rebuilders', '/rebuilders/register']],
  ['per_son', ['/update-channels', '/channel-alarms', '/observers']], ['per_moser', ['/update-channels/publish']],
  ['per_son', ['/visits', '/visits/ask', '/flaws', '/statements']],
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

const all = pages.flatMap(([person, paths]) => paths.map((path) => ({ person, path })));
/** Which pages are looked at, and how: the next page in the next look, and every other time round the other way. */
const wanted = looks.flatMap((look, which) => all.filter((_, i) => {
  if (process.env['FULL'] === 'yes') return true;
  if (process.env['TIER'] === 'ci') return i % looks.length === which;
  return i % 10 === 5 * which;
}).map((at) => ({ ...at, look })));

describe.skipIf(chromiumPath === null)('the pages in a real browser (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.desk = await openDesk(0.02);
  });
  afterAll(async () => {
    await place.window?.close();
    await place.desk?.close();
  });

  test.each(wanted)('$path as $person: $look.tongue, $look.theme, $look.width pixels', async ({ look, person, path }) => {
    const { page, complaints } = await windowOf(person, look);
    await settle(page, `${desk().origin}${path}`);
    const found = [...await faultsOf(page), ...complaints.splice(0)];
    expect(await page.evaluate('document.documentElement.lang')).toBe(look.tongue);
    expect(found).toEqual([]);
  });
});
