/** Scan jobs in act. Nothing of a job is written before the clause has let it; the decision itself is, as every other. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import type { Queryable } from '#world/db/port';
import { decisionFor } from '#modules/agreements/index';
import { allAssets, constituentById, notHeld, targetOf, type Target } from '#modules/constituents/index';
import { cursorOf, cursorText, type LandscapeParts } from '../actions/parts.ts';
import { ownSide } from '../actions/rows.ts';
import type { landscapeApi } from '../api.ts';
import { batchById } from '../store.ts';
import { checkWindow, portRanges, portWords } from './scans.ts';
import { batchesOfJob, insertJob, jobById, jobsOf, jobsUnder, shownJob, stopJob, type JobRecord } from './store.ts';

type All = Actions<typeof landscapeApi>;
type Mine = Pick<All, 'scans' | 'scan' | 'requestScan' | 'scanFile' | 'stopScan' | 'myScans'>;

const question = { kind: 'scan', purpose: 'incident-response', level: 3 } as const;

async function held(parts: LandscapeParts, q: Queryable, scope: string, id: string): Promise<JobRecord> {
  const job = await jobById(q, scope, id, parts.clock.now());
  if (!job) throw noSuch('scan-job');
  return job;
}

/** Refuses the first target that is not the constituent's now, or will not be while the job lasts. */
async function refuseOthers(q: Queryable, scope: string, constituent: string, targets: readonly Target[], moments: readonly number[]): Promise<void> {
  const assets = await allAssets(q, scope);
  for (const [i, target] of targets.entries()) {
    const why = moments.map((at) => notHeld(assets, constituent, target, at)).find((no) => no !== null);
    if (why === undefined) continue;
    throw new Refusal('forbidden', why === 'not-held' ? 'scan.target-not-held' : 'scan.target-of-another',
      why === 'not-held' ? `${target.value} does not lie in what the constituent holds.` : `${target.value} is another’s, or holds what is another’s.`,
      { at: `targets.${i}`, hint: 'Only what the registry shows as the constituent’s own may be scanned.' });
  }
}

export function scanActions(parts: LandscapeParts): Mine {
  return { ...reading(parts), ...running(parts) };
}

function reading(parts: LandscapeParts): Pick<Mine, 'scans' | 'scan' | 'myScans'> {
  const { db, clock } = parts;
  return {
    scans: async (input, { actor }) => {
      const before = cursorOf(input.cursor, 'string')?.[0];
      const found = await jobsOf(db, actor.org, clock.now(), {
        before, limit: input.limit + 1, ...(input.constituent === undefined ? {} : { constituents: [input.constituent] }),
      });
      const items = found.slice(0, input.limit).map(shownJob);
      const last = items.at(-1);
      return { items, next: found.length > items.length && last ? cursorText([last.id]) : null };
    },
    scan: async (input, { actor }) => {
      const job = await held(parts, db, actor.org, input.job);
      const batches = await Promise.all((await batchesOfJob(db, job.id)).map((id) => batchById(db, actor.org, id)));
      return { job: shownJob(job), batches: batches.flatMap((found) => (found ? [found.batch] : [])) };
    },
    myScans: async (_, caller) => {
      const { scope, constituents } = await ownSide(parts, caller);
      return { items: (await jobsOf(db, scope, clock.now(), { constituents: constituents.map((c) => c.id), limit: 200 })).map(shownJob) };
    },
  };
}

function running(parts: LandscapeParts): Pick<Mine, 'requestScan' | 'scanFile' | 'stopScan'> {
  const { db, clock, ids, hub } = parts;
  return {
    requestScan: async (input, caller) => {
      const { actor } = caller;
      const now = clock.now();
      const targets = input.targets.map((text, i) => targetOf(text, `targets.${i}`));
      const ports = portRanges(input.ports).map(portWords);
      checkWindow(input.from, input.until, now);
      const constituent = await constituentById(db, actor.org, input.constituent, clock.iso());
      if (!constituent) throw noSuch('constituent');
      const org = lookedAt(constituent);
      const { clauses } = await caller.may('scan.run', { owner: org, ...question, known: true, noun: 'constituent' });
      await refuseOthers(db, actor.org, constituent.id, targets, [now, Date.parse(input.from), Date.parse(input.until) - 1]);
      const job: Omit<JobRecord, 'constituentName' | 'state'> = {
        id: ids.next('scn'), scope: actor.org, org, constituent: constituent.id, targets: [...new Set(targets.map((t) => t.value))], ports,
        from: input.from, until: input.until, reason: input.reason, requestedAt: clock.iso(), requestedBy: actor.person, clauses: [...clauses],
        stoppedAt: null, stoppedReason: null,
      };
      return db.transaction(async (tx) => {
        await insertJob(tx, job);
        await stateFact(tx, {
          class: 'scan.requested', at: clock.iso(), actor: actor.person, org: actor.org, subject: job.id, readers: [org], clauses,
          body: { constituent: constituent.id, targets: job.targets.length, ports, from: job.from, until: job.until },
        });
        return { job: shownJob(await held(parts, tx, actor.org, job.id)) };
      });
    },
    scanFile: async (input, caller) => {
      const { actor } = caller;
      const job = await held(parts, db, actor.org, input.job);
      const { clauses } = await caller.may('scan.run', { owner: job.org, ...question, known: true, noun: 'scan-job' });
      if (job.state === 'stopped' || job.state === 'over') {
        throw new Refusal('gone', `scan.${job.state}`, job.state === 'over' ? 'The job’s window is over.' : 'The job was stopped.', {
          hint: 'Make a new job.',
        });
      }
      // What has left the constituent's hands since is not scanned any more.
      await refuseOthers(db, actor.org, job.constituent, job.targets.map((text, i) => targetOf(text, `targets.${i}`)), [clock.now()]);
      await stateFact(db, {
        class: 'scan.fetched', at: clock.iso(), actor: actor.person, org: actor.org, subject: job.id, readers: [job.org], clauses,
        body: { constituent: job.constituent },
      });
      return {
        format: 'entente-scan-job-1', id: job.id, constituent: job.constituentName, targets: job.targets, ports: job.ports, from: job.from,
        until: job.until, reason: job.reason, userAgent: `Entente-Scan (${job.id}; +${hub.origin})`,
        contact: `${hub.name}, ${hub.origin}, scan job ${job.id}`, clauses: [...clauses], results: `/api/feeds/{feed}/batches?job=${job.id}`,
      };
    },
    stopScan: async (input, { actor }) => db.transaction(async (tx) => {
      const job = await held(parts, tx, actor.org, input.job);
      if (job.state === 'over' || !await stopJob(tx, actor.org, job.id, clock.iso(), input.reason)) {
        throw new Refusal('conflict', job.state === 'over' ? 'scan.over' : 'scan.stopped', job.state === 'over' ? 'The job’s window is over.'
          : 'The job was stopped before.');
      }
      await stateStopped(tx, job, { at: clock.iso(), actor: actor.person, body: { reason: input.reason } });
      return { job: shownJob(await held(parts, tx, actor.org, job.id)) };
    }),
  };
}

/** Whose systems they are: somebody has to be able to let them be scanned. */
function lookedAt({ org }: { readonly org: string | null }): string {
  if (org !== null) return org;
  throw new Refusal('forbidden', 'scan.no-organisation', 'No organisation speaks for this constituent: nobody could let it be scanned.', {
    hint: 'It needs an organisation and an agreement first.',
  });
}

async function stateStopped(
  tx: Queryable, job: JobRecord, how: { at: string; actor: string; body: Record<string, string | number> },
): Promise<void> {
  await stateFact(tx, {
    class: 'scan.stopped', at: how.at, actor: how.actor, org: job.scope, subject: job.id, readers: [job.org], clauses: [],
    body: { constituent: job.constituent, ...how.body },
  });
}

/** Noes that are about who asks, and say nothing of whether the clause still stands. */
const personal = new Set(['role-not-granted', 'person-not-granted', 'mfa-missing', 'network-not-granted', 'approval-missing']);

/**
 * Stops the jobs that no clause carries any more, with the moment at which that came about: for the app's reaction when an agreement ended,
 * was suspended or lost a part. Their files were refused from that moment already.
 */
export async function stopScansWithout(
  parts: Pick<LandscapeParts, 'clock'>, tx: Queryable, because: { readonly agreement: string; readonly at: string; readonly index: number },
): Promise<number> {
  const now = parts.clock.now();
  const jobs = await jobsUnder(tx, because.agreement, now);
  const without = await Promise.all(jobs.map(async (job) => {
    const decision = await decisionFor({ db: tx, clock: parts.clock }, {
      actor: { org: job.scope }, action: 'scan.run', purpose: question.purpose, resource: { owner: job.org, kind: question.kind, level: question.level },
    });
    return decision.outcome === 'deny' && !personal.has(decision.deniedBy[0] ?? '');
  }));
  const stopped = jobs.filter((_, i) => without[i]);
  for (const job of stopped) {
    await stopJob(tx, job.scope, job.id, because.at, 'mandate');
    await stateStopped(tx, job, { at: parts.clock.iso(), actor: 'system', body: { agreement: because.agreement, because: because.index } });
  }
  return stopped.length;
}
