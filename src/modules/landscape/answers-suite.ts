/**
 * What the landscape answers must not depend on the engine: the same rows, asked for on chDB and on another, by every question that a page asks.
 * Each answer is held against the rows themselves on chDB elsewhere; registered by the CI tier with two servers.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { testEvents, type FakeEvents } from '#world/events/fake';
import { landscapeActions } from './actions/index.ts';
import { asLines, centre, noSources, officer, openField, type Field } from './testing.ts';

const roll = dice(19);
const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
const host = (): string => `10.0.${Math.floor(roll() * 6)}.${Math.floor(roll() * 50)}`;
const time = (): string => new Date(Date.UTC(2026, pick([4, 5, 6]), 1 + Math.floor(roll() * 28), Math.floor(roll() * 24))).toISOString();
const make: readonly (() => Record<string, unknown>)[] = [
  () => ({ type: 'infection', ip: host(), family: pick(['a', 'b', '']), asn: pick([64_501, 64_999]) }),
  () => ({ type: 'scanner', src_ip: host(), dst_ip: host(), asn: pick([64_501, 64_999]) }),
  () => ({ type: 'vulnerable-system', ip: host(), port: pick([22, 443]), product: pick(['OpenSSH', 'nginx']), version: pick(['7.4', '8.2p1', '9.3', '']) }),
  () => ({
    type: pick(['defacement', 'phishing']), domain: `www${Math.floor(roll() * 3)}.site${Math.floor(roll() * 20)}${pick(['.gov.vn', '.com.vn'])}`,
    ip: pick(['10.0.9.1', '10.0.9.2']), family: pick(['Crew', 'Lone', '']), hackmode: pick(['SQL', '']), redefacement: pick(['0', '1', '']),
  }),
];
const feeds = ['one', 'two', 'three'] as const;
const rows = Array.from({ length: 4000 }, (_, n) => ({ feed: pick(feeds), row: { time: time(), cc: pick(['VN', 'TH', 'ZZ']), n, ...pick(make)() } }));
const owners = [
  ['ministry', 'ministry', '10.0.0.0/24'], ['province', 'province', '10.0.1.0/24'], ['isp', 'isp', '10.0.2.0/23'], ['other', 'isp', '10.0.4.0/25'],
] as const;

/** One who answers for a prefix, as the registry writes it down: that is another module's. */
export interface Registered { readonly id: string; readonly kind: 'ministry' | 'province' | 'isp'; readonly prefix: string; readonly from: string }
export type Register = (field: Field, one: Registered) => Promise<void>;

async function fieldOn(events: FakeEvents, register: Register): Promise<Field> {
  const field = await openField(events);
  const from = '2020-01-01T00:00:00Z';
  for (const [id, kind, prefix] of owners) await register(field, { id, kind, prefix, from });
  field.claims = owners.map(([owner, , value]) => ({ kind: 'prefix', value, owner, from: Date.parse(from) / 1000, to: Number.POSITIVE_INFINITY }));
  const ids = new Map<string, string>();
  for (const name of feeds) ids.set(name, await field.addFeed({ name, shape: 'ndjson' }));
  for (let at = 0; at < rows.length; at += 1000) {
    const some = rows.slice(at, at + 1000);
    for (const name of feeds) await field.ingest(ids.get(name) ?? '', asLines(some.filter((r) => r.feed === name).map((r) => r.row)));
  }
  return field;
}

const acts = (field: Field) => landscapeActions({
  ...field.parts, publisher: async () => centre, home: 'VN', stateSuffixes: ['.gov.vn'], provinces: [], sources: noSources(field),
  hub: { name: 'Test', origin: 'https://hub.example' },
});
type Acts = ReturnType<typeof acts>;

const days = { from: '2026-05-01', to: '2026-07-31' };
/** Every question, and how much an answer must hold to be worth comparing. */
const questions: readonly (readonly [name: string, least: number, ask: (a: Acts) => Promise<unknown>])[] = [
  ['provider league', 1200, (a) => a.ispLeague({ month: '2026-06' }, officer)],
  ['state offices', 1000, (a) => a.stateOffices({ month: '2026-06', units: 'then' }, officer)],
  ['clean-up', 2500, (a) => a.botnetCleanUp({ month: '2026-06' }, officer)],
  ['origins', 500, (a) => a.attackOrigins({ period: '2026-Q2' }, officer)],
  ['matrix of origins', 500, (a) => a.attackMatrix({ period: '2026-06', limit: 500 }, officer)],
  ['networks of origins', 300, (a) => a.attackNetworks({ period: '2026-06', limit: 50 }, officer)],
  ['attacked websites', 5000, (a) => a.websites({ ...days, limit: 500 }, officer)],
  ['lines of attacked websites', 5000, (a) => a.websiteLines({ ...days, limit: 500 }, officer)],
  ['scores of sources', 1500, (a) => a.sourceScores({ month: '2026-06' }, officer)],
  ['scores of the month of delivery', 1500, (a) => a.sourceScores({ month: '2026-11' }, officer)],
  ['rows', 5000, (a) => a.events({ ...days, limit: 100 }, officer)],
  ['episodes', 5000, (a) => a.episodes({ limit: 100 }, officer)],
  ['attribution', 300, (a) => a.attribution({ area: 'VN', ...days }, officer)],
  ['exposure of a constituent', 1000, (a) => a.constituentExposure({ constituent: 'isp', ...days }, officer)],
  ...['OpenSSH', 'nginx'].map((product) => [`systems of ${product}`, 2000, (a: Acts) => a.previewAdvisory({
    title: product, cves: [], severity: 'high', source: 'https://example.test/1', daysBack: 300,
    match: { reports: [], types: [], families: [], products: [{ product, from: '7.4', before: '9.3' }], cve: false },
  }, officer)] as const),
];

/** Both have the same clock and make the same ids, so that an answer is compared whole. */
const plain = (answer: unknown): string => JSON.stringify(answer, null, 1);

export function answersSuite(engine: () => Promise<FakeEvents>, register: Register): void {
  const at = { here: null as Field | null, there: null as Field | null };
  beforeAll(async () => {
    at.here = await fieldOn(await testEvents(), register);
    at.there = await fieldOn(await engine(), register);
  }, 300_000);
  afterAll(async () => {
    await at.here?.close();
    await at.there?.close();
  });
  describe('the same answer as on chDB', () => {
    test.each(questions)('%s', async (_, least, ask) => {
      const [here, there] = [plain(await ask(acts(at.here as Field))), plain(await ask(acts(at.there as Field)))];
      expect(there).toBe(here);
      expect(here.length).toBeGreaterThan(least);
    });
  });
}
