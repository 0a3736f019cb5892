/** The register of attacked websites against a plain walk over the rows as they were sent; registered on chDB and, on two servers, by the CI tier. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import type { FakeEvents } from '#world/events/fake';
import { landscapeActions } from './actions/index.ts';
import { asLines, centre, noSources, officer, openField, type Field } from './testing.ts';

const roll = dice(31);
const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
const dayNames = ['2026-06-01', '2026-06-02', '2026-06-03'];

interface Sent {
  time: string; type: string; domain: string; cc: string; ip?: string; family?: string; hackmode?: string; reason?: string; redefacement?: string; n: number;
}
const rows: Sent[] = Array.from({ length: 900 }, (_, n) => {
  const type = roll() < 0.7 ? 'defacement' : pick(['phishing', 'malware-distribution']);
  const site = `site${Math.floor(roll() * 40)}${roll() < 0.2 ? '.gov.vn' : '.com.vn'}`;
  return {
    time: `${pick(dayNames)}T${String(Math.floor(roll() * 24)).padStart(2, '0')}:${String(Math.floor(roll() * 60)).padStart(2, '0')}:00Z`,
    type, domain: `${pick(['www.', '', 'shop.'])}${site}`, cc: 'VN', n,
    ...roll() < 0.8 ? { ip: pick(['10.0.0.1', '10.0.0.2', '2001:db8::1']) } : {}, ...roll() < 0.8 ? { family: pick(['Crew A', 'crew-b', 'Lone']) } : {},
    ...roll() < 0.5 ? { hackmode: pick(['SQL Injection', 'brute force', 'known']) } : {}, ...roll() < 0.3 ? { reason: pick(['as a challenge', ' ']) } : {},
    ...roll() < 0.3 ? { redefacement: pick(['0', '1']) } : {},
  };
});

interface Group { day: string; attack: string; host: string; attacker: string; sites: Set<string>; rows: Sent[] }
const attackOf: Record<string, string> = { defacement: 'defacement', phishing: 'phishing', 'malware-distribution': 'malware' };
const siteOf = (row: Sent): string => row.domain.replace(/^(www|shop)\./, '');
const earlier = (x: Sent, y: Sent): number => (x.time < y.time ? -1 : x.time > y.time ? 1
  : (x.family ?? '') < (y.family ?? '') ? -1 : (x.family ?? '') > (y.family ?? '') ? 1 : ordered(x.ip) < ordered(y.ip) ? -1 : 1);
/** Addresses as numbers stand: none, then IPv4, then IPv6. */
const ordered = (ip: string | undefined): string => (ip === undefined ? '0' : ip.includes(':') ? `2${ip}` : `1${ip}`);

/** Entries and lines in the plainest way: site by site and day by day. */
function walk(): { entries: Map<string, Sent[]>; lines: Map<string, Group> } {
  const entries = new Map<string, Sent[]>();
  for (const row of rows) {
    const key = `${row.time.slice(0, 10)} ${attackOf[row.type]} ${siteOf(row)}`;
    entries.set(key, [...entries.get(key) ?? [], row]);
  }
  const lines = new Map<string, Group>();
  for (const [key, mine] of entries) {
    const [day = '', attack = '', site = ''] = key.split(' ');
    const signed = mine.filter((row) => row.family !== undefined).sort(earlier)[0];
    const attacker = attack === 'defacement' ? signed?.family ?? '' : '';
    const host = attack === 'defacement' ? signed?.ip ?? site : site;
    const line = `${day} ${attack} ${host} ${attacker}`;
    const group = lines.get(line) ?? { day, attack, host, attacker, sites: new Set<string>(), rows: [] };
    group.sites.add(site);
    group.rows.push(...mine);
    lines.set(line, group);
  }
  return { entries, lines };
}
const said = (list: readonly Sent[]) => ({
  modes: [...new Set(list.flatMap((row) => (row.hackmode ? [row.hackmode] : [])))].sort(),
  reasons: [...new Set(list.flatMap((row) => (row.reason?.trim() ? [row.reason] : [])))].sort(),
  again: list.some((row) => row.redefacement === '1') ? true : list.some((row) => row.redefacement === '0') ? false : null,
});

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const acts = () => landscapeActions({
  ...field().parts, publisher: async () => centre, home: 'VN', stateSuffixes: ['.gov.vn'], provinces: [], sources: noSources(field()),
  hub: { name: 'Test', origin: 'https://hub.example' },
});
const days = { from: '2026-06-01', to: '2026-06-03' };
const model = walk();

async function allLines() {
  const found: Awaited<ReturnType<ReturnType<typeof acts>['websiteLines']>>['items'] = [];
  for (let cursor: string | undefined; ;) {
    const page = await acts().websiteLines({ ...days, limit: 37, cursor }, officer);
    found.push(...page.items);
    if (page.next === null) return { items: found, counts: page.counts };
    cursor = page.next;
  }
}

export function websitesSuite(engine: () => Promise<FakeEvents>): void {
  beforeAll(async () => {
    at.field = await openField(await engine());
    const feed = await field().addFeed({ name: 'sites', shape: 'ndjson' });
    await field().ingest(feed, asLines(rows.slice(0, 500)));
    await field().ingest(feed, asLines(rows.slice(300)));
  });
  afterAll(() => field().close());

  describe('lines of the register', () => {
    test('are what one attacker did on one address in a day; every entry stands in exactly one', async () => {
      const { items, counts } = await allLines();
      expect(items.map((line) => `${line.day} ${line.attack} ${line.host} ${line.attacker}: ${line.sites} ${line.rows}`).sort())
        .toEqual([...model.lines].map(([key, line]) => `${key}: ${line.sites.size} ${line.rows.length}`).sort());
      const mass = [...model.lines.values()].filter((line) => line.sites.size > 1);
      expect(counts).toEqual({ lines: model.lines.size, mass: mass.length, inMass: mass.reduce((sum, line) => sum + line.sites.size, 0) });
      expect(items.reduce((sum, line) => sum + line.sites, 0)).toBe(model.entries.size);
      expect(mass.length).toBeGreaterThan(10);
      expect(counts.lines - counts.mass).toBeGreaterThan(10);
    });
    test('say how, why and whether again, as far as the rows do', async () => {
      for (const line of (await allLines()).items) {
        const own = model.lines.get(`${line.day} ${line.attack} ${line.host} ${line.attacker}`);
        const { modes, reasons, again } = line;
        expect([line.host, line.attacker, { modes, reasons, again }]).toEqual([line.host, line.attacker, said(own?.rows ?? [])]);
        expect(line.state).toBe([...own?.sites ?? []].filter((site) => site.endsWith('.gov.vn')).length);
        expect(line.entry === null).toBe(line.sites > 1);
      }
    });
    test('open to their entries, by address in any spelling', async () => {
      const mass = (await allLines()).items.filter((line) => line.sites > 1);
      for (const line of [...mass.slice(0, 3), ...mass.filter((one) => one.host.includes(':')).slice(0, 2)]) {
        const opened = await acts().websites({
          from: line.day, to: line.day, attack: line.attack, host: line.host.replace('db8::1', 'DB8:0::0001'), attacker: line.attacker, limit: 500,
        }, officer);
        expect(opened.items.map((entry) => entry.site).sort())
          .toEqual([...model.lines.get(`${line.day} ${line.attack} ${line.host} ${line.attacker}`)?.sites ?? []].sort());
        const [first] = opened.items;
        expect(first && { modes: first.modes, reasons: first.reasons, again: first.again })
          .toEqual(said(model.entries.get(`${line.day} ${line.attack} ${first?.site}`) ?? []));
      }
    });
    test('count what was repaired of them', async () => {
      const line = (await allLines()).items.find((one) => one.sites > 2 && one.attack === 'defacement');
      const sites = [...model.lines.get(`${line?.day} defacement ${line?.host} ${line?.attacker}`)?.sites ?? []].slice(0, 2);
      for (const site of sites) await acts().repairWebsite({ site, day: line?.day ?? '', at: '2026-06-20T00:00:00Z', how: 'Its own page again.' }, officer);
      const again = (await allLines()).items.find((one) => one.host === line?.host && one.attacker === line.attacker && one.day === line.day);
      expect([again?.repaired, again?.sites]).toEqual([2, line?.sites]);
    });
  });

  test('the figure still counts pairs of site and day, however they stand together', async () => {
    const { counts } = await acts().websites({ ...days, limit: 1 }, officer);
    expect(counts.all).toBe(new Set(rows.map((row) => `${siteOf(row)} ${row.time.slice(0, 10)}`)).size);
    for (const { attack, count } of counts.byAttack) {
      expect([attack, count]).toEqual([attack, [...model.entries.keys()].filter((key) => key.split(' ')[1] === attack).length]);
    }
  });
}
