/**
 * What a rebuilder adds to its evidence: files that came out of its build, and the build's log. Each is known by a digest that was
 * signed. Of a file the hub makes the comparison itself; where that gives less than was said, what it found counts, and shows.
 */
import type { Caller } from '#kit/endpoint';
import { compare } from '#kit/compare/compare';
import { summaryOf } from '#kit/compare/model';
import type { Limits } from '#kit/compare/piece';
import { judge } from '#kit/compare/verdict';
import { readJudgement } from '#kit/attest/judgement';
import { noSuch, Refusal } from '#kit/refusal';
import { stateFact } from '#world/facts';
import type { Verdict } from '../model.ts';
import { noteHeld, noteLog, rebuildById, verdictsOfRebuild, type RebuildRow, type VerdictRow } from '../store/rebuilds.ts';
import { bytesOf, textOf, type BuildsParts } from './parts.ts';

const mib = 1024 * 1024;
/** Larger files are kept and shown, and not compared by the hub. */
const mostCompared = 32 * mib;
/** What unpacking may cost the hub; beyond that a part is compared as bytes, as everywhere. */
export const hubLimits: Limits = { one: 64 * mib, all: 256 * mib, depth: 6, members: 10_000 };

async function ownFinding({ blobs }: BuildsParts, verdict: VerdictRow): Promise<Verdict | null> {
  const shipped = await bytesOf(blobs, verdict.sha256, mostCompared);
  const rebuilt = await bytesOf(blobs, verdict.rebuilt ?? '', mostCompared);
  if (!shipped || !rebuilt) return null;
  const comparison = await compare(shipped, rebuilt, { name: verdict.name, limits: hubLimits });
  const said = readJudgement(await textOf(blobs, verdict.judgement));
  if (typeof said === 'string') throw new Error(`the judgement ${verdict.judgement} was read when it came`);
  return judge(comparison, said.trials).verdict;
}

export async function addRebuilt(parts: BuildsParts, { actor }: Caller, id: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const { db, clock, blobs } = parts;
  const row = await ownRebuild(parts, actor.org, id);
  const { sha256 } = await blobs.put(body);
  const verdicts = (await verdictsOfRebuild(db, row.id)).filter((v) => v.rebuilt === sha256);
  if (verdicts.length === 0) {
    throw new Refusal('unprocessable', 'rebuilt.unknown', 'This is none of the files that the evidence was made from.', { hint: 'The digest was signed.' });
  }
  for (const verdict of verdicts) {
    const found = await ownFinding(parts, verdict);
    await db.transaction(async (tx) => {
      await noteHeld(tx, verdict.id, found);
      await stateFact(tx, {
        class: 'verdict.checked', at: clock.iso(), actor: actor.person, org: actor.org, subject: verdict.id, readers: [verdict.scope], clauses: [],
        body: { verdict: verdict.id, rebuilt: sha256, said: verdict.said, found, summary: found === null ? null : summaryOf[found] },
      });
    });
  }
}

export async function addLog(parts: BuildsParts, { actor }: Caller, id: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const row = await ownRebuild(parts, actor.org, id);
  const { sha256 } = await parts.blobs.put(body);
  // The build states the beginning of its log's digest as its run.
  if (!/^[0-9a-f]{32}$/.test(row.run_id) || !sha256.startsWith(row.run_id)) {
    throw new Refusal('unprocessable', 'log.unknown', 'This is not the log of that build.', { hint: 'Its digest was signed.' });
  }
  await parts.db.transaction(async (tx) => {
    await noteLog(tx, id, sha256);
    await stateFact(tx, {
      class: 'rebuild.log-added', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: [row.scope], clauses: [],
      body: { rebuild: id, log: sha256 },
    });
  });
}

async function ownRebuild({ db }: BuildsParts, org: string, id: string): Promise<RebuildRow> {
  const row = await rebuildById(db, id);
  if (row?.org !== org) throw noSuch('rebuild');
  return row;
}
