/**
 * What one may not see leaves no trace: whatever another holds for itself, every answer is the bytes it was without. And the same file
 * once more changes nothing, an older version takes nobody's place, and KEV and EPSS keep what changed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { dice } from '#kit/dice';
import { asHub } from '#world/db/scope';
import { csafDocument, cveRecord, epssFile, kevCatalogue, osvRecord } from '#kit/vuln/testing';
import { vulnerabilitiesActions } from './actions/index.ts';
import { epssOf, kevOf } from './store/exploited.ts';
import { openVulnShelf, publisher, type VulnShelf } from './testing.ts';

const at: { shelf?: VulnShelf } = {};
const shelf = (): VulnShelf => at.shelf as VulnShelf;
beforeAll(async () => { at.shelf = await openVulnShelf(); });
afterAll(() => shelf().db.close());

const lines = (things: readonly unknown[]): string => things.map((t) => `${JSON.stringify(t)}\n`).join('');
const names = ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003', 'GHSA-0000-0000-0001', 'HID-1', 'HID-2', 'CVE-2024-0777'];
const products = ['pkg:npm/%40example/parser@3.1.0', 'pkg:npm/hidden@1.0.0', 'cpe:2.3:a:example:parser:1.5:*:*:*:*:*:*:*', 'pkg:generic/parser@0.9'];

/** Every answer that the reader gets, or the refusal it gets instead, as one text. */
async function answers(org: string): Promise<string> {
  const acts = vulnerabilitiesActions(shelf().parts);
  const caller = shelf().caller(org);
  const said = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => String(error));
  const all: unknown[] = [];
  await asHub('a reader of a test', async () => {
    for (const q of ['', 'overflow', 'hidden', 'CVE-2024', 'HID-', 'pkg:npm/hidden', 'pkg:npm/%40example/parser']) {
      all.push(await said(acts['vulnerabilities.search']({ q }, caller)));
    }
    for (const vulnerability of names) all.push(await said(acts['vulnerabilities.view']({ vulnerability }, caller)));
    for (let record = 1; record < 40; record++) {
      all.push(await said(acts['vulnerabilities.export']({ vulnerability: 'HID-1', record: String(record), as: 'original' }, caller)));
    }
    all.push(await said(acts['vulnerabilities.affected']({ products }, caller)), await said(acts['vulnerabilities.sources']({}, caller)));
  });
  return JSON.stringify(all);
}

describe('what another holds for itself', () => {
  test('changes no answer, whatever it is joined to', async () => {
    await shelf().bring(publisher, 'public', lines([cveRecord(1), cveRecord(2), osvRecord(1), csafDocument(3, 'WHITE')]));
    await shelf().bring(publisher, 'public', JSON.stringify(kevCatalogue(['CVE-2024-0001'])));
    const before = await answers('org_reader');
    expect(before).toContain('CVE-2024-0001');
    const random = dice(20_260_615);
    const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    for (let i = 0; i < 24; i++) {
      const record = one([
        () => osvRecord(i, { id: `HID-${1 + (i % 5)}`, aliases: [one(names), one(names)], summary: `Hidden overflow ${i}`,
          affected: [{ package: { ecosystem: 'npm', name: one(['hidden', '@example/parser']) }, versions: ['1.0.0', '3.1.0'] }] }),
        () => cveRecord(1 + (i % 3), {}, { title: `Hidden ${i}` }), () => csafDocument(1 + (i % 3), one(['GREEN', 'AMBER', 'RED', 'WHITE', null])),
      ])();
      await shelf().bring('org_other', one(['own', 'partner'] as const), JSON.stringify(record), { unmarked: one([null, 'CLEAR', 'GREEN', 'RED'] as const) });
      if (i % 8 === 7) expect(await answers('org_reader')).toBe(before);
    }
    expect(await answers('org_other')).toContain('Hidden');
  });
  test('RED is for whoever brought it in', async () => {
    await shelf().bring('org_red', 'own', JSON.stringify(osvRecord(9, { id: 'RED-1', aliases: [] })), { unmarked: 'RED' });
    const look = (person: string) => asHub('a reader of a test', () => vulnerabilitiesActions(shelf().parts)['vulnerabilities.view'](
      { vulnerability: 'RED-1' }, shelf().caller('org_red', person)));
    expect((await look('per_one')).records).toHaveLength(1);
    await expect(look('per_two')).rejects.toThrow('There is no such vulnerability.');
  });
});

describe('taking in', () => {
  const of = async (text: string | Uint8Array): Promise<object> => (await shelf().bring('org_take', 'own', text)).counts;
  test('the same again is the same, and an older version takes nobody’s place', async () => {
    expect(await of(lines([osvRecord(21), osvRecord(22)]))).toMatchObject({ added: 2, same: 0 });
    expect(await of(gzipSync(JSON.stringify([osvRecord(21), osvRecord(22)], null, 2)))).toMatchObject({ added: 0, same: 2 });
    expect(await of(JSON.stringify(osvRecord(21, { modified: '2024-04-01T00:00:00Z', summary: 'Newer' })))).toMatchObject({ changed: 1 });
    expect(await of(JSON.stringify(osvRecord(21, { modified: '2024-03-15T00:00:00Z', summary: 'Older' })))).toMatchObject({ older: 1 });
    const view = await asHub('a reader of a test', () => vulnerabilitiesActions(shelf().parts)['vulnerabilities.view'](
      { vulnerability: 'GHSA-0000-0000-0021' }, shelf().caller('org_take')));
    expect(view.records[0]).toMatchObject({ title: 'Newer' });
    expect(view.records[0]?.versions).toHaveLength(3);
  });
  test('a look first keeps nothing', async () => {
    const { counts, lines: told } = await shelf().bring('org_dry', 'own', JSON.stringify(osvRecord(31)), { dry: true });
    expect([counts.added, told.map((l) => [l.id, l.outcome])]).toEqual([1, [['GHSA-0000-0000-0031', 'added']]]);
    expect(await answers('org_dry')).not.toContain('0031');
  });
  test('KEV says what was struck off, EPSS keeps what changed; both from public sources alone', async () => {
    const put = (text: string) => shelf().bring(publisher, 'public', text);
    expect((await put(JSON.stringify(kevCatalogue(['CVE-2024-0001', 'CVE-2024-0002'])))).counts.kev).toBeGreaterThan(0);
    expect((await put(JSON.stringify(kevCatalogue(['CVE-2024-0001', 'CVE-2024-0002'])))).counts.kev).toBe(0);
    expect((await put(JSON.stringify(kevCatalogue(['CVE-2024-0001'])))).counts.kev).toBe(1);
    const day = (d: string, ...scores: string[]) => put(epssFile(scores.map((s, i) => [`CVE-2024-000${i + 1}`, s, '0.5'] as const), d));
    expect((await day('2024-05-01', '0.1', '0.2')).counts.epss).toBe(2);
    expect((await day('2024-05-02', '0.1', '0.3')).counts.epss).toBe(1);
    expect((await day('2024-05-02', '0.1', '0.3')).counts.epss).toBe(0);
    // An older day comes late: it adds to the series, and changes nothing that stands there now.
    await day('2024-04-30', '0.05', '0.9');
    await asHub('a reader of a test', async () => {
      expect(await kevOf(shelf().db, 'CVE-2024-0002')).toMatchObject({ listed: false });
      expect(await epssOf(shelf().db, 'CVE-2024-0002')).toEqual({ score: 0.3, percentile: 0.5, day: '2024-05-02', model: 'v2023.03.01', series: [
        { day: '2024-04-30', score: 0.9 }, { day: '2024-05-01', score: 0.2 }, { day: '2024-05-02', score: 0.3 }] });
    });
    const { counts } = await shelf().bring('org_take', 'own', JSON.stringify(kevCatalogue(['CVE-2024-0003'])));
    expect(counts).toMatchObject({ kev: 0, problems: 1 });
  });
});
