import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { idsFrom } from '#world/ids';
import { fakeOutbound } from '#world/http/fake';
import { fakeMail } from '#world/mail/fake';
import { fakeNames } from '#world/names/fake';
import { seededRandom } from '#world/random';
import { agreementsMigrations } from '../agreements/store.ts';
import { insertOrganisation, partiesMigrations } from '../parties/store.ts';
import { constituentsActions } from './actions/index.ts';
import { constituentsApi } from './api/index.ts';
import { planImport } from './rules/imports.ts';
import { canonicalValue, overlap } from './rules/registry.ts';
import { constituentsMigrations } from './store/index.ts';
import { claimsOf, constituentsSpokenFor } from './store/registry.ts';

const at = { db: null as Db | null };
const clock = fakeClock();
beforeAll(async () => {
  at.db = await testDb([...partiesMigrations, ...agreementsMigrations, ...constituentsMigrations]);
  const organisation = { name: 'x', nameLocal: null, kind: 'company', country: 'VN' } as const;
  await insertOrganisation(at.db, { ...organisation, id: 'two' }, null);
  await insertOrganisation(at.db, { ...organisation, id: 'org_isp' }, 'two');
});
afterAll(async () => { await at.db?.close(); });
const ids = idsFrom(clock, seededRandom('c'));
const names = fakeNames();
const nothing = async (): Promise<never> => { throw new Error('not asked here'); };
const acts = () => constituentsActions({
  db: at.db as Db, blobs: fakeBlobs(), clock, ids, centre: 'one', names, mail: fakeMail(), outbound: fakeOutbound(),
  observed: { slice: nothing, count: nothing, infected: nothing }, hub: { name: 'Centre', origin: 'https://hub.example', zone: 'UTC' },
});

const as = (org: string): Caller => ({
  actor: { person: 'p', org, roles: ['duty-officer'], via: 'session', credential: 'x' } satisfies Actor, traceId: 't', address: '',
  until: new AbortController().signal, holds: () => undefined,
  may: async () => { throw new Error('not by mandate'); }, approved: () => Promise.reject(new Error('nothing to approve')),
  reply: { setSession: () => undefined, clearSession: () => undefined },
});
const refusal = async (run: Promise<unknown>): Promise<string> => run.then(() => 'allowed',
  (e: unknown) => (e instanceof Refusal ? e.code : String(e)));

describe('the registry', () => {
  it('gives an asset to one holder at a time, and the moment it ends to the next', async () => {
    const { create, addAsset, endAsset, view } = acts();
    const named = (name: string) => create(constituentsApi.create.input.parse({ name, kind: 'ministry' }), as('one'));
    const [{ constituent: a }, { constituent: b }] = [await named('A'), await named('B')];
    const give = (constituent: string, from: string) => addAsset(constituentsApi.addAsset.input.parse({ constituent,
      kind: 'prefix', value: '100.112.16.0/24', from }), as('one'));
    const { asset } = await give(a.id, '2020-01-01');
    expect(await refusal(give(b.id, '2026-06-10'))).toBe('asset.already-held');
    expect(await refusal(endAsset({ constituent: a.id, asset: asset.id, to: '2019-01-01' }, as('one')))).toBe('asset.empty-term');
    expect((await endAsset({ constituent: a.id, asset: asset.id, to: '2026-06-10' }, as('one'))).asset.to).toBe('2026-06-10T00:00:00.000Z');
    await give(b.id, '2026-06-10');
    expect(await refusal(endAsset({ constituent: a.id, asset: asset.id, to: '2026-06-11' }, as('one')))).toBe('asset.already-held');
    const june = Date.parse('2026-06-10') / 1000;
    const claims = await claimsOf(at.db as Db, 'one');
    expect(claims.filter((c) => c.from <= june && june < c.to).map((c) => c.owner)).toEqual([b.id]);
    expect((await view({ constituent: b.id }, as('one'))).assets).toHaveLength(1);
    expect(await refusal(named('A'))).toBe('constituent.already-there');
  });

  it('knows nothing of another centre’s registry: the same words as for what never was', async () => {
    const { create, view, list, endAsset } = acts();
    const { constituent } = await create(constituentsApi.create.input.parse({ name: 'Hidden', kind: 'isp', org: 'org_isp' }), as('two'));
    for (const id of [constituent.id, 'con_never']) {
      expect(await refusal(view({ constituent: id }, as('one')))).toBe('constituent.not-found');
      expect(await refusal(endAsset({ constituent: id, asset: 'x', to: '2026-01-01' }, as('one')))).toBe('constituent.not-found');
    }
    const found = await list(constituentsApi.list.input.parse({ q: 'hid' }), as('one'));
    expect([found.items, found.total]).toEqual([[], 0]);
    expect(await refusal(create(constituentsApi.create.input.parse({ name: 'X', kind: 'isp', org: 'org_isp' }), as('three'))))
      .toBe('organisation.not-found');
    expect(await constituentsSpokenFor(at.db as Db, 'org_isp')).toMatchObject([{ name: 'Hidden', registry: 'two' }]);
  });

  it('lists by name, page by page, every one once', async () => {
    const { create, list } = acts();
    for (let i = 0; i < 23; i++) await create(constituentsApi.create.input.parse({ name: `Unit ${i % 10}${i}`, kind: 'company' }), as('three'));
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(constituentsApi.list.input.parse({ limit: 7, ...(cursor ? { cursor } : {}) }), as('three'));
      names.push(...page.items.map((c) => c.name));
      expect(page.total).toBe(23);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(names).size).toBe(23);
    expect(await refusal(list(constituentsApi.list.input.parse({ cursor: 'nonsense' }), as('three')))).toBe('constituent.cursor');
  });
});

describe('import', () => {
  const header = 'name,kind,sector,province,asset,value,from,to';
  const csv = [
    header, 'Ministry of Roads,ministry,government,,prefix,100.112.0.0/22,2017-01-01,',
      'Ministry of Roads,ministry,government,,domain,roads.gov.example,2017-01-01,',
    'Province of Hills,province,government,HL,prefix,2001:db8:20::/48,2020-01-01,2026-01-01', 'Bare Ltd,company,,,,,,',
  ].join('\n');

  it('says what it would add, adds exactly that, and the second time nothing', async () => {
    const { previewImport, commitImport } = acts();
    const preview = await previewImport({ csv }, as('four'));
    expect(preview).toMatchObject({ lines: 4, constituents: 3, assets: 3, unchanged: 0, problems: [] });
    expect(await commitImport({ csv }, as('four'))).toEqual({ constituents: 3, assets: 3, unchanged: 0 });
    expect(await commitImport({ csv }, as('four'))).toEqual({ constituents: 0, assets: 0, unchanged: 4 });
  });

  it('names every wrong line and then adds nothing of the file', async () => {
    const { commitImport, previewImport, list } = acts();
    const bad = [
      header, 'Good,isp,,,asn,AS64512,2020-01-01,', ',isp,,,asn,1,2020-01-01,', 'X,planet,,,,,,', 'Y,isp,,,prefix,10.0.0.1/8,2020-01-01,',
      'Z,isp,,,asn,7,soon,', 'Z,isp,,,asn,7,2020-01-01,2019-01-01', 'Other,isp,,,asn,64512,2021-01-01,', 'short,isp', 'Q,isp,,,asn,"8,2020-01-01,',
    ].join('\n');
    const { problems } = await previewImport({ csv: bad }, as('five'));
    expect(problems.map((p) => [p.line, p.at])).toEqual([
      [3, 'name'], [4, 'kind'], [5, 'value'], [6, 'from'], [7, 'to'], [8, 'value'], [9, 'fields'], [10, 'csv.unclosed-quote'],
    ]);
    expect(await refusal(commitImport({ csv: bad }, as('five')))).toBe('constituent.import-problems');
    expect((await list(constituentsApi.list.input.parse({}), as('five'))).total).toBe(0);
    expect(planImport('who,what\n1,2', { names: new Map(), assets: [] }).problems[0]?.at).toBe('header');
  });
});

describe('rules', () => {
  it('write a value one way', () => {
    expect([canonicalValue('asn', 'as64512'), canonicalValue('domain', 'Health.GOV.example.'), canonicalValue('prefix', '2001:DB8::/32')])
      .toEqual(['64512', 'health.gov.example', '2001:db8::/32']);
    for (const [kind, value] of [['asn', '0'], ['asn', 'x'], ['domain', 'nodot'], ['domain', 'a..b'], ['prefix', '1.2.3.4/40']] as const) {
      expect(() => canonicalValue(kind, value)).toThrow(Refusal);
    }
  });
  it('neighbours in time do not overlap', () => {
    const [a, b, c] = ['2020-01-01', '2021-01-01', '2022-01-01'].map((day) => `${day}T00:00:00.000Z`) as [string, string, string];
    expect([overlap({ from: a, to: b }, { from: b, to: c }), overlap({ from: a, to: null }, { from: b, to: c }),
      overlap({ from: b, to: null }, { from: a, to: b })])
      .toEqual([false, true, false]);
  });
});
