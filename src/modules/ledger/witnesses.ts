/**
 * Asks the hub's witnesses to cosign what it has published (C2SP tlog-witness, the log's side). Nobody waits for it: a
 * witness that is silent or says no is a line in the status, and acts go on. What they cosign is put under the checkpoint,
 * and the newest checkpoint that meets the policy's quorum is kept for exports.
 *
 * If we crash between a witness's answer and our keeping it, the next round asks again from the old size, is told the new
 * one, and gets the same tree cosigned anew. Two replicas that ask at once do no harm: a cosignature says the same twice.
 */
import { sameBytes, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof } from '#kit/merkle/proofs';
import { formatNote, maxSignatures, parseNote, verifyNote } from '#kit/note/note';
import type { Note, SignatureLine } from '#kit/note/note';
import { meetsQuorum } from '#kit/note/policy';
import type { Policy, PolicyWitness } from '#kit/note/policy';
import { formatAddCheckpoint } from '#kit/witness/add-checkpoint';
import { maxAnswerBytes, readWitnessAnswer } from '#kit/witness/answer';
import type { WitnessAnswer } from '#kit/witness/answer';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { OutboundError, type Outbound } from '#world/http/port';
import { tilesIn } from './log.ts';
import type { WitnessOutcome } from './model.ts';
import { addCosignatures, keepCosigned, storedCheckpoint } from './head-store.ts';
import { saveWitness, witnessRows } from './witness-store.ts';

export interface WitnessesParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly outbound: Outbound;
  /** Whom to ask, and what is enough: the `witness`, `group` and `quorum` lines. Null where nobody is asked. */
  readonly policy: Policy | null;
}

/** A witness is asked again about the same tree after this long, so that its cosignature says "still". */
const freshMs = 3_600_000;
const patienceMs = 8_000;

/** Lines of the policy that are asked at one address: often one witness with two kinds of key. */
interface Desk {
  readonly url: string;
  readonly keys: readonly PolicyWitness[];
}

export function desksOf(policy: Policy): Desk[] {
  const byUrl = new Map<string, PolicyWitness[]>();
  for (const key of policy.witnesses) {
    if (key.url === null) continue;
    const url = key.url.replace(/\/+$/, '');
    byUrl.set(url, [...byUrl.get(url) ?? [], key]);
  }
  return [...byUrl].map(([url, keys]) => ({ url, keys }));
}

type Said = WitnessAnswer | { readonly kind: 'silent'; readonly why: string };

interface Asked {
  readonly outcome: WitnessOutcome;
  /** Size that the witness has, as far as it said. */
  readonly size: number | null;
  readonly lines: readonly SignatureLine[];
}

async function say(parts: WitnessesParts, desk: Desk, note: string, from: number, size: number): Promise<Said> {
  const proof = await consistencyProof(nodeTreeHash, from, size, tilesIn(parts.blobs));
  const body = formatAddCheckpoint(from, proof, toUtf8(note));
  try {
    const answer = await parts.outbound.ask({
      url: `${desk.url}/add-checkpoint`, method: 'POST', body, bytesMax: maxAnswerBytes, patienceMs, redirectsMax: 0,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const http = { status: answer.status, contentType: answer.headers['content-type'] ?? null, body: answer.body };
    return await readWitnessAnswer(nodeVerifying, http, parseNote(toUtf8(note))?.text ?? '', desk.keys);
  } catch (error) {
    if (error instanceof OutboundError) return { kind: 'silent', why: error.reason };
    throw error;
  }
}

/** One witness, one checkpoint: from the size it was at when we last heard, and once more from where it says it is. */
async function askDesk(parts: WitnessesParts, desk: Desk, note: string, size: number, known: number): Promise<Asked> {
  let from = Math.min(known, size);
  for (let attempt = 0; ; attempt++) {
    const answer = await say(parts, desk, note, from, size);
    if (answer.kind === 'cosigned') return { outcome: 'cosigned', size, lines: answer.lines };
    if (answer.kind === 'silent') return { outcome: 'silent', size: null, lines: [] };
    // It has seen more of this log than we have: records that were put back from a backup, or a second hub of our name.
    if (answer.kind === 'conflict' && answer.size > size) return { outcome: 'ahead', size: answer.size, lines: [] };
    if (answer.kind === 'refused' || attempt > 0) return { outcome: 'refused', size: null, lines: [] };
    from = answer.size;
  }
}

/** Adds lines that the note has not; where the same key signed again, the newer line stays. */
export function withLines(note: Note, lines: readonly SignatureLine[]): Note {
  const same = (a: SignatureLine, b: SignatureLine): boolean => a.name === b.name && sameBytes(a.keyId, b.keyId);
  const kept = note.signatures.filter((line) => !lines.some((other) => same(line, other)));
  return { text: note.text, signatures: [...kept, ...lines].slice(0, maxSignatures) };
}

async function meets(policy: Policy, note: Note): Promise<boolean> {
  const verdict = await verifyNote(nodeVerifying, note, policy.witnesses);
  return verdict.ok && meetsQuorum(policy.quorum, verdict.by);
}

/** One round: every witness that has not cosigned the newest checkpoint is asked, side by side. */
export async function askWitnesses(parts: WitnessesParts): Promise<void> {
  const { db, clock, policy } = parts;
  const stored = policy && await storedCheckpoint(db);
  if (!policy || !stored || stored.size === 0) return;
  const rows = new Map((await witnessRows(db)).map((row) => [row.label, row]));
  const due = desksOf(policy).filter(({ keys }) => keys.some(({ label }) => {
    const row = rows.get(label);
    return !row || row.size < stored.size || row.cosignedAt === null || clock.now() - Date.parse(row.cosignedAt) > freshMs;
  }));
  const lines = await Promise.all(due.map(async (desk) => {
    const known = Math.min(...desk.keys.map(({ label }) => rows.get(label)?.size ?? 0));
    const asked = await askDesk(parts, desk, stored.note, stored.size, known);
    for (const key of desk.keys) {
      const signed = asked.lines.some((line) => line.name === key.name && sameBytes(line.keyId, key.keyId));
      const outcome = asked.outcome === 'cosigned' && !signed ? 'refused' : asked.outcome;
      await saveWitness(db, { label: key.label, outcome, size: outcome === 'cosigned' ? stored.size : null, at: clock.iso() });
    }
    return asked.lines;
  }));
  await keep(parts, policy, stored.size, stored.note, lines.flat());
}

async function keep(
  { db }: WitnessesParts, policy: Policy, size: number, asked: string, lines: readonly SignatureLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await db.transaction(async (tx) => {
    const now = await addCosignatures(tx, size, (text) => {
      const note = parseNote(toUtf8(text));
      return note ? formatNote(withLines(note, lines)) : null;
    });
    // The log has grown meanwhile: what they cosigned is no longer the newest, and still the newest that is cosigned.
    const note = parseNote(toUtf8(now ?? asked));
    const cosigned = note && (now ? note : withLines(note, lines));
    if (cosigned && await meets(policy, cosigned)) await keepCosigned(tx, size, formatNote(cosigned));
  });
}

/**
 * What the witnesses know of this log, before anything new is signed: the largest size that one of them has cosigned beyond
 * ours, or null. Those that do not answer do not count; the numbers they give are not authenticated, so a larger one is a
 * reason to stop and ask a person, not a proof.
 */
export async function witnessesAhead(parts: WitnessesParts): Promise<{ readonly label: string; readonly size: number } | null> {
  const { db, policy } = parts;
  const stored = policy && await storedCheckpoint(db);
  if (!policy || !stored) return null;
  const found = await Promise.all(desksOf(policy).map(async (desk) => {
    const asked = await askDesk(parts, desk, stored.note, stored.size, stored.size);
    return asked.outcome === 'ahead' && asked.size !== null ? { label: desk.keys[0]?.label ?? desk.url, size: asked.size } : null;
  }));
  return found.filter((one) => one !== null).sort((a, b) => b.size - a.size)[0] ?? null;
}
