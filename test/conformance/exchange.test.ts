/**
 * Two releases of ATT&CK for mobile through the whole of the exchange: taken in, paged out by TAXII, the same in meaning; and the one
 * object of which both have the same version with different bodies is set aside and shown, with 200 more of our own.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meaningText, versionOf, type StixObject } from '#kit/stix/object';
import { timeKey } from '#kit/stix/time';
import { indicator, uuidAt } from '../../src/modules/exchange/testing.ts';
import { testHub, type TestHub } from '../hub.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'stix');
const at: { hub?: TestHub; cookie: string } = { cookie: '' };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => {
  at.hub = await testHub();
  at.cookie = await at.hub.as('per_lan');
}, 60_000);
afterAll(() => at.hub?.close());

interface Report { readonly total: number; readonly counts: Readonly<Record<'accepted' | 'duplicate' | 'quarantined' | 'refused', number>> }
async function take(text: string): Promise<Report> {
  const answer = await hub().ask('POST', '/api/threats/imports?source=ATT%26CK&unmarked=CLEAR', text, { cookie: at.cookie });
  const last = JSON.parse(answer.text.trim().split('\n').at(-1) ?? '') as { phase: string; report: Report };
  expect(last.phase).toBe('done');
  return last.report;
}
const bundle = (name: string): Promise<string> => readFile(join(data, name), 'utf8');
const keyOf = (object: StixObject): string => {
  const version = versionOf(object);
  return `${version?.id} ${version?.version ? timeKey(version.version) : ''}`;
};

test('both releases are taken in whole but for the one contradiction, and come out by TAXII with the same meaning', async () => {
  const texts = [await bundle('mobile-attack-8.2.json'), await bundle('mobile-attack-9.0.json')];
  const objects = texts.map((text) => (JSON.parse(text) as { objects: StixObject[] }).objects);
  const reports = [await take(texts[0] ?? ''), await take(texts[1] ?? '')];
  expect(reports.map((r) => r.total)).toEqual(objects.map((list) => list.length));
  expect(reports.map((r) => r.counts.refused)).toEqual([0, 0]);
  const first = new Map((objects[0] ?? []).map((o) => [keyOf(o), meaningText(o)]));
  const contradicted = (objects[1] ?? []).filter((o) => first.has(keyOf(o)) && first.get(keyOf(o)) !== meaningText(o));
  expect(contradicted).toHaveLength(1);
  expect(reports[1]?.counts.quarantined).toBe(1);
  const aside = (await hub().ask('GET', '/api/quarantined-threats', undefined, { cookie: at.cookie }))
    .json<{ items: { stixId: string; reason: string; offered: string; kept: string }[] }>().items;
  expect(aside.map((o) => [o.stixId, o.reason])).toEqual([[contradicted[0]?.['id'], 'same-version-other-body']]);
  expect(meaningText(JSON.parse(aside[0]?.offered ?? '{}') as StixObject)).toBe(meaningText(contradicted[0] as StixObject));

  const { own } = (await hub().ask('GET', '/api/collections', undefined, { cookie: at.cookie })).json<{ own: { id: string; kind: string }[] }>();
  const library = own.find((c) => c.kind === 'library')?.id;
  const out = new Map<string, string>();
  for (let next = ''; ;) {
    const query = `match[version]=all&match[spec_version]=2.0,2.1&limit=500${next}`;
    const page = await hub().ask('GET', `/taxii2/own/collections/${library}/objects/?${query}`, undefined, { cookie: at.cookie });
    expect(page.status).toBe(200);
    const { objects: found = [], more, next: door } = page.json<{ objects?: StixObject[]; more?: boolean; next?: string }>();
    for (const object of found) out.set(keyOf(object), meaningText(object));
    if (more !== true) break;
    next = `&next=${door}`;
  }
  const expected = new Map([...(objects[1] ?? []), ...(objects[0] ?? [])].map((o) => [keyOf(o), meaningText(o)]));
  expect([...out].sort()).toEqual([...expected].sort());
  // Once more changes nothing.
  expect((await take(texts[1] ?? '')).counts).toMatchObject({ accepted: 0, quarantined: 1, refused: 0 });
}, 300_000);

test('200 versions with other bodies are all set aside, and the first of each stays', async () => {
  const made = Array.from({ length: 200 }, (_, i) => indicator(0xa00000 + i));
  expect((await take(made.map((o) => JSON.stringify(o)).join('\n'))).counts.accepted).toBe(200);
  const other = made.map((o, i) => ({ ...o, name: `Another ${i}` }));
  expect((await take(other.map((o) => JSON.stringify(o)).join('\n'))).counts).toMatchObject({ accepted: 0, quarantined: 200 });
  const kept = await hub().ask('GET', `/api/threats/indicator--${uuidAt(0xa00000)}`, undefined, { cookie: at.cookie });
  expect(kept.json<{ object: { name: string } }>().object.name).toBe(`Indicator ${0xa00000}`);
}, 120_000);
