/**
 * Evidence as it comes in. The bundle is kept, verified with the key of the sender’s own rebuilder, and held against the files of the
 * release; each verdict is the one that its regions give. Then rebuild, verdicts and their facts are one transaction: if we crash
 * before its commit a blob is left that nothing names, and the same bundle again is taken.
 */
import type { Caller } from '#kit/endpoint';
import { fromBase64, toHex, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { evidenceOf, verifyEvidence, type Evidence } from '#kit/attest/evidence';
import { readJudgement, type ReadJudgement } from '#kit/attest/judgement';
import { openKeys } from '#kit/compare/verdict';
import { noSuch, Refusal } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { releaseFor, type ReleaseRef } from '#modules/catalogue/index';
import { accepted, type Accepted, type Found } from '../rules.ts';
import { speakingFor, type RebuilderRow } from '../store/rebuilders.ts';
import { insertRebuild, insertVerdict, noteSuperseded, rebuildById, standingVerdict, type RebuildRow, type VerdictRow } from '../store/rebuilds.ts';
import { builtFilesOf, bytesOf, type BuildsParts } from './parts.ts';

/** Larger bundles are not read. */
const mostEvidence = 64 * 1024 * 1024;

export interface Recording {
  readonly release: string;
  readonly corrects: string | null;
  readonly reason: string;
}

const unreadable = (): Refusal => new Refusal('unprocessable', 'evidence.unreadable', 'This is no bundle of evidence.', {
  hint: 'It is what `entente rebuild … --evidence FILE` writes.',
});

/** The judgements of a bundle, each by its digest. */
async function judgementsIn(evidence: Evidence): Promise<ReadonlyMap<string, { readonly text: string; readonly read: ReadJudgement }>> {
  const found = new Map<string, { text: string; read: ReadJudgement }>();
  for (const text of evidence.judgements) {
    const read = readJudgement(text);
    if (typeof read !== 'string') found.set(toHex(await nodeVerifying.sha256(toUtf8(text))), { text, read });
  }
  return found;
}

interface Read { readonly by: RebuilderRow; readonly said: Accepted; readonly judgements: ReadonlyMap<string, { text: string; read: ReadJudgement }> }

/** Verified with the keys of the sender's rebuilders; what speaks for several is several bundles. */
async function verified({ db, clock }: BuildsParts, caller: Caller, release: ReleaseRef, text: string): Promise<Read> {
  const evidence = evidenceOf(text);
  if (!evidence) throw unreadable();
  const rebuilders = await speakingFor(db, caller.actor.org);
  const keys = rebuilders.flatMap((r) => {
    const publicKey = fromBase64(r.public_key);
    return publicKey ? [{ name: r.name, publicKey }] : [];
  });
  const said = accepted(await verifyEvidence(nodeVerifying, evidence, keys), builtFilesOf(release), clock.now());
  const voices = new Set([said.build.rebuilder, ...said.found.flatMap((f) => f.finding.voices.map((v) => v.rebuilder))]);
  const by = rebuilders.find((r) => r.name === said.build.rebuilder);
  if (!by || voices.size > 1) throw new Refusal('unprocessable', 'evidence.voices', 'A bundle is the word of one rebuilder.');
  const judgements = await judgementsIn(evidence);
  for (const { finding } of said.found) {
    const rebuilt = judgements.get(finding.voices[0]?.judgement ?? '')?.read.comparison?.rebuilt.sha256;
    if (rebuilt !== undefined && !said.build.products.some((p) => p.sha256 === rebuilt)) {
      throw new Refusal('unprocessable', 'evidence.product', 'What it compared with is no product of the build that it states.', {
        at: finding.name,
      });
    }
  }
  return { by, said, judgements };
}

export async function record(
  parts: BuildsParts, caller: Caller, { release: id, corrects, reason }: Recording, body: AsyncIterable<Uint8Array>,
): Promise<{ readonly release: ReleaseRef; readonly rebuild: string }> {
  const release = await releaseFor(parts, caller, id);
  if (release.state !== 'published') throw new Refusal('conflict', 'rebuild.not-published', 'What is rebuilt is what was published.');
  if (corrects !== null && reason === '') throw new Refusal('invalid', 'rebuild.reason', 'A correction says why.', { at: 'reason' });
  const kept = await parts.blobs.put(body);
  const bytes = await bytesOf(parts.blobs, kept.sha256, mostEvidence);
  if (bytes === null) throw new Refusal('too-large', 'evidence.too-large', 'A bundle of evidence holds at most 64 MiB.');
  const { by, said, judgements } = await verified(parts, caller, release, Buffer.from(bytes).toString('utf8'));
  for (const { finding } of said.found) {
    const text = judgements.get(finding.voices[0]?.judgement ?? '')?.text;
    if (text !== undefined) await parts.blobs.put(toUtf8(text));
  }
  const { build } = said;
  const row: RebuildRow = {
    id: parts.ids.next('rbd'), org: caller.actor.org, scope: release.owner, product: release.product, release: id, rebuilder: by.id,
      person: caller.actor.person,
    at: parts.clock.iso(), started_at: build.startedAt, finished_at: build.finishedAt, evidence: kept.sha256, recipe: build.recipeSha256,
    environment: build.environmentSha256, sources: build.sources, products: build.products, run_id: build.runId, log: null, corrects, reason,
  };
  await parts.db.transaction((tx) => write(parts, tx, { row, by, found: said.found, judgements }));
  return { release, rebuild: row.id };
}

interface Writing { readonly row: RebuildRow; readonly by: RebuilderRow; readonly found: readonly Found[]; readonly judgements: Read['judgements'] }

async function write(parts: BuildsParts, tx: Queryable, { row, by, found, judgements }: Writing): Promise<void> {
  if (row.corrects !== null) {
    const old = await rebuildById(tx, row.corrects);
    if (old?.rebuilder !== by.id || old.release !== row.release) throw noSuch('rebuild');
  }
  if (!await insertRebuild(tx, row)) {
    throw new Refusal('conflict', 'evidence.recorded', 'This very evidence was recorded before.', { hint: 'What holds for another release is signed for it.' });
  }
  const state = (name: string, subject: string, body: Record<string, Json>): Promise<void> => stateFact(tx, {
    class: name, at: row.at, actor: row.person, org: row.org, subject, readers: [row.scope], clauses: [], body,
  });
  await state('rebuild.recorded', row.id, {
    rebuild: row.id, release: row.release, product: row.product, rebuilder: by.name, evidence: row.evidence, recipe: row.recipe, environment: row.environment,
    files: found.length, corrects: row.corrects,
  });
  for (const { artefact, finding } of found) {
    const [voice] = finding.voices;
    const read = judgements.get(voice?.judgement ?? '')?.read;
    if (!voice || !read) throw new Error('a verdict was verified without its judgement');
    const id = parts.ids.next('vrd');
    await superseded(tx, row, by, artefact, id, state);
    const differences = read.comparison?.differences ?? [];
    const explained = new Set(read.causes.map((c) => c.difference));
    const verdict: VerdictRow = {
      id, rebuild: row.id, org: row.org, scope: row.scope, release: row.release, artefact, rebuilder: by.id, name: finding.name, sha256: finding.sha256,
      said: read.verdict, judgement: voice.judgement, rules: [...read.comparison?.rules ?? []], recovered: read.recovered,
      differences: differences.length + (read.comparison?.leftOut ?? 0), unexplained: read.recovered !== null ? 0
        : openKeys(differences).filter((key) => !explained.has(key)).length,
      rebuilt: read.comparison?.rebuilt.sha256 ?? null, at: row.at,
      // The same bytes are held already, and nothing is left to compare.
      held: read.verdict === 'IDENTICAL', found: read.verdict === 'IDENTICAL' ? 'IDENTICAL' : null, superseded_by: null, superseded_at: null,
        superseded_why: null,
    };
    if (!await insertVerdict(tx, verdict)) throw spokenTwice(by, finding.name);
    await state('verdict.given', id, {
      verdict: id, rebuild: row.id, artefact, sha256: finding.sha256, said: read.verdict, summary: finding.summary, judgement: voice.judgement,
      rules: verdict.rules, recovered: read.recovered === null ? null : { ...read.recovered },
    });
  }
}

const spokenTwice = (by: RebuilderRow, name: string): Refusal => new Refusal('conflict', 'verdict.given-already',
  'This rebuilder has said what it found of this file.', {
  at: `${by.name}: ${name}`,  hint: 'A rebuilder has one voice. A correction names the rebuild that it corrects, and says why.',
});

/** A correction takes the place of what the same rebuilder said of the file; it stays to be seen. Anything else is a second voice. */
async function superseded(
  tx: Queryable, row: RebuildRow, by: RebuilderRow, artefact: string, next: string, state: (name: string, subject: string, body: Record<string, Json>) =>
  Promise<void>,
): Promise<void> {
  const old = await standingVerdict(tx, by.id, artefact);
  if (!old) return;
  if (row.corrects === null || old.rebuild !== row.corrects) throw spokenTwice(by, old.name);
  await noteSuperseded(tx, old.id, next, row.at, row.reason);
  await state('verdict.superseded', old.id, { verdict: old.id, artefact, by: next, said: old.said, reason: row.reason });
}
