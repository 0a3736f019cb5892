/** Whoever looks, in whatever order work ends and looks are taken: each change is told once, and none is lost for having been slow. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import type { DeskMark } from './model/desk.ts';
import { changesSince, markOf, saveMark, unsettledMinutes } from './store/desk.ts';
import { addSteps, markNotices, noteTold, raiseNotice, saveFindings } from './store/findings.ts';
import { constituentsMigrations } from './store/index.ts';
import { insertConstituent } from './store/registry.ts';

const at = { db: null as Db | null, n: 0 };
const db = (): Db => at.db as Db;
const start = Date.parse('2026-06-01T00:00:00Z');
const iso = (minute: number): string => new Date(start + minute * 60_000).toISOString();
beforeAll(async () => {
  at.db = await testDb([...constituentsMigrations]);
});
afterAll(() => db().close());

/** A constituent with one finding, told at minute 0. */
async function told(): Promise<{ constituent: string; finding: string }> {
  at.n += 1;
  const [constituent, finding, notice] = [`con${at.n}`, `fnd${at.n}`, `ntc${at.n}`];
  await insertConstituent(db(), 'org', { id: constituent, name: constituent, kind: 'ministry', sector: null, org: null, province: null, createdAt: iso(0) });
  await raiseNotice(db(), 'org', {
    id: notice, owner: constituent, kind: 'infection', type: 'infection', family: '', severity: 'high', first: iso(0), last: iso(0), events: 1,
    at: iso(0), to: iso(60 * 24 * 7),
  });
  await saveFindings(db(), 'org', [{
    feed: 'f', finding: {
      id: finding, notice, constituent, asset: '192.0.2.1', kind: 'infection', type: 'infection', family: '', severity: 'high', confidence: null,
      first: iso(0), last: iso(0), events: 1, state: 'acknowledged', saidFixedAt: null, absentCycles: 0, exceptedUntil: null, exceptionReason: null,
      closedAt: null, reopened: 0, reopenedAt: null,
    },
  }]);
  await noteTold(db(), notice, 'f', [finding]);
  await markNotices(db(), [notice], { state: 'released', released_at: iso(0) });
  return { constituent, finding };
}

/** Steps written down at one minute and visible some minutes later, and looks; each look is handed back, or left. */
const step = fc.record({ is: fc.constant('step' as const), at: fc.nat(300), slow: fc.nat(unsettledMinutes - 1) });
const look = fc.record({ is: fc.constant('look' as const), at: fc.nat(320), handedBack: fc.boolean() });

test('each change is told until it was seen, then never again', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(step, look), { maxLength: 14 }), async (acts) => {
    const { constituent, finding } = await told();
    const person = `per ${constituent}`;
    // A first look at what stands open is handed back, so that what follows is of changes.
    await saveMark(db(), 'org', person, { at: iso(0), recent: [`new ${finding}`] });
    const due = acts.map((act) => ({ ...act, due: act.is === 'step' ? act.at + act.slow : act.at }))
      .sort((x, y) => x.due - y.due || (x.is === 'step' ? -1 : 1));
    const [written, seen] = [{ n: 0 }, { n: 0 }];
    for (const act of [...due, { is: 'look' as const, at: 400, handedBack: true, due: 400 }]) {
      if (act.is === 'step') {
        await addSteps(db(), [{ finding, step: { at: iso(act.at), what: 'seen-again', by: 'observation', note: null } }], iso(act.at + 1));
        written.n += 1;
        continue;
      }
      const mark: DeskMark | null = await markOf(db(), 'org', person);
      const now = iso(act.due + 1);
      const found = await changesSince(db(), 'org', [constituent], mark, now, 3);
      expect(found.counts).toEqual({ new: 0, reopened: written.n - seen.n, closed: 0, overdue: 0 });
      expect(found.items).toHaveLength(Math.min(3, written.n - seen.n));
      if (!act.handedBack) continue;
      await saveMark(db(), 'org', person, { at: now, recent: [...new Set([...found.recent, ...mark?.recent ?? []])] });
      seen.n = written.n;
    }
  }), { numRuns: 60 });
});

test('who marks an older look changes nothing, and one person’s look is not another’s', async () => {
  await saveMark(db(), 'org', 'a', { at: iso(50), recent: ['x'] });
  await saveMark(db(), 'org', 'a', { at: iso(40), recent: [] });
  expect([await markOf(db(), 'org', 'a'), await markOf(db(), 'org', 'b')]).toEqual([{ at: iso(50), recent: ['x'] }, null]);
});
