/** What is known of files by their hash on every engine: registered by `files.test.ts` and, on two servers, by the CI tier. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeEvents } from '#world/events/fake';
import { asLines, centre, openField, type Field } from '../testing.ts';
import { clashesOf, filesSeen, maliciousSeen } from './store.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const hash = (i: number): string => i.toString(16).padStart(64, '0');
const lists = (from: number, n: number): string =>
  asLines(Array.from({ length: n }, (_, i) => ({ sha256: hash(from + i), md5: hash(from + i).slice(32), time: `2026-11-0${1 + i % 5}T00:00:00Z`,
    name: `n${i % 3}` })));

export function filesSuite(open: () => Promise<FakeEvents>): void {
  beforeAll(async () => { at.field = await openField(await open()); });
  afterAll(async () => { await at.field?.close(); });

  describe('files by their hash', () => {
    test('what both lists name is found by the batch that brings it, and left out of what is looked for', async () => {
      const [clean, bad] = [await field().addFeed({ name: 'clean', shape: 'clean-files' }), await field().addFeed({ name: 'bad', shape: 'malicious-files' })];
      const first = await field().ingest(clean, lists(0, 300));
      expect(first.counts.stored).toBe(300);
      expect(await clashesOf(field().events, centre, first.id)).toEqual([]);
      const second = await field().ingest(bad, lists(280, 100));
      // Each of the twenty by two hashes.
      const clashes = await clashesOf(field().events, centre, second.id);
      expect(clashes).toEqual([...new Set(Array.from({ length: 20 }, (_, i) => [hash(280 + i), hash(280 + i).slice(32)]).flat())].sort());
      const looked: string[] = [];
      for (let after = ''; ;) {
        const page = await maliciousSeen(field().events, centre, [], after, 17);
        looked.push(...page.map((one) => one.hash));
        if (page.length < 17) break;
        after = page.at(-1)?.hash ?? '';
      }
      expect(looked).toEqual(Array.from({ length: 80 }, (_, i) => [hash(300 + i), hash(300 + i).slice(32)]).flat().sort());
      expect((await maliciousSeen(field().events, centre, [hash(281)], '', 500)).map((one) => one.hash)).toContain(hash(281));
      const [both] = await filesSeen(field().events, centre, [hash(281)]);
      expect(both).toMatchObject({ clean: { feeds: [clean], rows: 1, names: ['n2'] }, malicious: { feeds: [bad], rows: 1 } });
      expect(await filesSeen(field().events, 'org_other', [hash(281)])).toEqual([]);
      // The same again is no more; a start finds all in place.
      await field().ingest(bad, lists(280, 100));
      await field().pipeline.recover();
      expect((await filesSeen(field().events, centre, [hash(281)]))[0]?.malicious?.rows).toBe(1);
    });
  });
}
