/**
 * Takes in what a batch showed: findings opened, widened or reopened, notices raised, and absence counted where the feed
 * did speak of a day and did not show them. Runs in the transaction of the app's reaction, which hears each batch once: if
 * we crash, nothing of it is there and it is heard again.
 */
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { SightedBatch, Sighting } from '../model/notices.ts';
import { absent, seen, toldAnew, type Changed } from '../rules/findings.ts';
import { freshForDays, periodDays } from '../rules/notices.ts';
import {
  addSteps, constituentKindsOf, countAssets, findingsHeld, markAbsent, noteTold, raiseNotice, saveFindings, type FindingRecord,
} from '../store/findings.ts';
import type { ConstituentsParts } from './parts.ts';

const dayMs = 86_400_000;
const chunk = 500;

export interface TakenIn {
  readonly raised: number;
  readonly reopened: number;
  readonly closed: number;
}

/** Providers get slices: what is behind their addresses is theirs to know, so no finding is kept on each. */
export const getsSlices = (kind: string | undefined): boolean => kind === 'isp';

/** Owners of the registry whose sightings are wanted as one for all their assets. */
export async function sliceOwners(q: Queryable, scope: string): Promise<string[]> {
  return [...await constituentKindsOf(q, scope)].filter(([, kind]) => getsSlices(kind)).map(([id]) => id);
}

/** The moment (seconds) before which what was last seen is told to nobody any more. */
export const freshSince = (now: number): number => Math.floor((now - freshForDays * dayMs) / 1000);

type Parts = Pick<ConstituentsParts, 'clock' | 'ids' | 'observed'>;

export async function takeSightings(parts: Parts, tx: Queryable, scope: string, batch: SightedBatch): Promise<TakenIn> {
  const kinds = await constituentKindsOf(tx, scope);
  const groups = new Map<string, Sighting[]>();
  for (const s of batch.sightings) {
    if (!kinds.has(s.owner)) continue;
    const key = JSON.stringify([s.owner, s.kind, s.type, s.family]);
    groups.set(key, [...(groups.get(key) ?? []), s]);
  }
  const told = { raised: 0, reopened: 0, closed: 0 };
  for (const group of groups.values()) {
    const done = await takeGroup(parts, tx, scope, batch.feed, group, getsSlices(kinds.get(group[0]?.owner ?? '')));
    told.raised += done.raised;
    told.reopened += done.reopened;
  }
  told.closed = await countAbsence(parts, tx, scope, batch);
  return told;
}

/** All sightings of one owner and one problem. */
async function takeGroup(
  parts: Parts, tx: Queryable, scope: string, feed: string, group: readonly Sighting[], sliced: boolean,
): Promise<{ raised: number; reopened: number }> {
  const [head] = group;
  if (!head) return { raised: 0, reopened: 0 };
  const now = parts.clock.now();
  const at = parts.clock.iso();
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const { owner, kind, type, family } = head;
  const ranks = ['critical', 'high', 'medium', 'low', 'info', 'unknown'];
  const severity = ranks[Math.min(...group.map((s) => ranks.indexOf(s.severity)))] ?? 'unknown';
  const notice = await raiseNotice(tx, scope, {
    id: parts.ids.next('ntc'), owner, kind, type, family, severity, events: group.reduce((n, s) => n + s.events, 0),
    first: iso(Math.min(...group.map((s) => s.first))), last: iso(Math.max(...group.map((s) => s.last))), at,
    to: new Date(now + periodDays(kind) * dayMs).toISOString(),
  });
  let reopened = 0;
  if (sliced) {
    const assets = await parts.observed.count(scope, owner, head, { from: freshSince(now), to: Math.floor(now / 1000) + 1 });
    await countAssets(tx, notice.id, Math.max(assets, ...group.map((s) => s.assets)));
  } else {
    for (let from = 0; from < group.length; from += chunk) {
      reopened += await takeFindings(parts, tx, scope, feed, notice.id, group.slice(from, from + chunk));
    }
    await countAssets(tx, notice.id, 0);
  }
  if (notice.raised) {
    await stateFact(tx, {
      class: 'notice.raised', at, actor: 'system', org: scope, subject: owner, readers: [], clauses: [],
      body: { notice: notice.id, kind, type, family, severity },
    });
  }
  return { raised: notice.raised ? 1 : 0, reopened };
}

async function takeFindings(
  parts: Parts, tx: Queryable, scope: string, feed: string, notice: string, sightings: readonly Sighting[],
): Promise<number> {
  const [head] = sightings;
  if (!head) return 0;
  const at = parts.clock.iso();
  const held = await findingsHeld(tx, scope, head.owner, head, sightings.map((s) => s.asset));
  const records: FindingRecord[] = [];
  const steps: { finding: string; step: NonNullable<Changed['step']> }[] = [];
  let reopened = 0;
  for (const s of sightings) {
    const there = held.get(s.asset);
    const span = { first: s.first * 1000, last: s.last * 1000, events: s.events };
    if (!there) {
      const id = parts.ids.next('fnd');
      records.push({ feed, finding: fresh(id, notice, s) });
      steps.push({ finding: id, step: { at: new Date(span.first).toISOString(), what: 'opened', by: 'observation', note: null } });
      continue;
    }
    const { finding, step } = seen(there.finding, span, at);
    // It is this period's notice that speaks of it now.
    const anew = toldAnew(finding, notice, at);
    records.push({ feed, finding: { ...anew.finding, severity: s.severity, confidence: s.confidence ?? finding.confidence } });
    if (anew.step) steps.push({ finding: finding.id, step: anew.step });
    if (step) {
      steps.push({ finding: finding.id, step });
      reopened += 1;
      await stateFact(tx, {
        class: 'finding.reopened', at, actor: 'system', org: scope, subject: finding.constituent, readers: [], clauses: [],
        body: { finding: finding.id, saidFixedAt: there.finding.saidFixedAt, closedAt: there.finding.closedAt, seenAt: step.at },
      });
    }
  }
  await saveFindings(tx, scope, records);
  await noteTold(tx, notice, feed, records.map((r) => r.finding.id));
  await addSteps(tx, steps, at);
  return reopened;
}

function fresh(id: string, notice: string, s: Sighting): FindingRecord['finding'] {
  return {
    id, notice, constituent: s.owner, asset: s.asset, kind: s.kind, type: s.type, family: s.family, severity: s.severity,
    confidence: s.confidence, first: new Date(s.first * 1000).toISOString(), last: new Date(s.last * 1000).toISOString(),
    events: s.events, state: 'open', saidFixedAt: null, absentCycles: 0, exceptedUntil: null, exceptionReason: null, closedAt: null,
    reopened: 0, reopenedAt: null,
  };
}

/**
 * One cycle of a feed is a day that it spoke of. Findings of the feed whose last sighting is before that day were not in
 * it: after three such days they are closed. A feed that is silent has no days, and closes nothing.
 */
async function countAbsence(parts: Parts, tx: Queryable, scope: string, { feed, days }: SightedBatch): Promise<number> {
  const at = parts.clock.iso();
  let closed = 0;
  // Of a batch of many days the last week: more cycles than close a finding are of no use.
  for (const day of days.slice(-7)) {
    const text = new Date(day * dayMs).toISOString().slice(0, 10);
    const changes = (await markAbsent(tx, scope, feed, text)).map((record) => ({ record, ...absent(record.finding, at) }));
    await saveFindings(tx, scope, changes.map(({ record, finding }) => ({ ...record, finding })));
    const steps = changes.flatMap(({ finding, step }) => (step ? [{ finding: finding.id, step }] : []));
    await addSteps(tx, steps, at);
    for (const { finding } of steps) {
      const owner = changes.find((c) => c.finding.id === finding)?.finding.constituent ?? scope;
      await stateFact(tx, {
        class: 'finding.closed', at, actor: 'system', org: scope, subject: owner, readers: [], clauses: [], body: { finding, by: 'observation' },
      });
    }
    closed += steps.length;
  }
  return closed;
}
