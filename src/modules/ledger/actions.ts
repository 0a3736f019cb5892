/** What the ledger answers. Facts are read through the scope of the actor's organisation; the rest is public. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { fromUtf8, toBase64, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { formatVkey, mlDsaType, parseNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import type { Policy } from '#kit/note/policy';
import type { Blobs } from '#world/blobs/port';
import type { Db } from '#world/db/port';
import type { LedgerApi } from './api.ts';
import type { ledgerActs } from './acts.ts';
import { dayNote } from './days.ts';
import { keyRows } from './key-store.ts';
import { saltOf, tilesIn } from './log.ts';
import type { Published } from './log.ts';
import type { Inclusion, LedgerFact, WitnessesStatus } from './model.ts';
import { cosignedCheckpoint, headTime, storedCheckpoint } from './head-store.ts';
import { factsFor, leavesFrom } from './store.ts';
import { witnessRows } from './witness-store.ts';
import type { StoredFact } from './store.ts';

export interface LedgerParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly signer: NoteSigner;
  /** The witnesses that are asked, if any. */
  readonly witnesses?: Policy | null;
}

const pageSize = 50;

/**
 * The log as its readers see it; the app publishes the empty one before its first request. Asked of the records, not of
 * the file: whichever replica answers, nobody sees the log shrink.
 */
export async function currentLog(parts: LedgerParts): Promise<Published> {
  return logOf(await storedCheckpoint(parts.db));
}

/** The log as it is handed out whole: the newest checkpoint that enough witnesses have cosigned, where the hub has any. */
export async function exportedLog(parts: LedgerParts): Promise<Published> {
  return logOf(parts.witnesses ? await cosignedCheckpoint(parts.db) ?? await storedCheckpoint(parts.db) : await storedCheckpoint(parts.db));
}

function logOf(stored: { readonly note: string } | null): Published {
  const bytes = toUtf8(stored?.note ?? '');
  const checkpoint = parseCheckpoint(parseNote(bytes)?.text ?? '');
  if (!checkpoint) throw new Error('the log has not been published yet');
  return { bytes, checkpoint };
}

async function inclusionOf(parts: LedgerParts, published: Published, index: number): Promise<Inclusion> {
  const { size, root } = published.checkpoint;
  const hashes = await inclusionProof(nodeTreeHash, index, size, tilesIn(parts.blobs));
  return { index, size, root: toBase64(root), hashes: hashes.map(toBase64) };
}

function factOf({ index, content, leafHash }: StoredFact): LedgerFact {
  const { class: name, at, actor, org, subject, readers, clauses, body } = content;
  return { index, class: name, at, actor, org, subject, readers, clauses, body, leafHash };
}

/** Each witness of the hub's policy that is asked, with what it said last. */
async function witnessesOf({ db, witnesses }: LedgerParts): Promise<WitnessesStatus> {
  const rows = new Map((await witnessRows(db)).map((row) => [row.label, row]));
  const cosigned = await cosignedCheckpoint(db);
  const items = (witnesses?.witnesses ?? []).filter(({ url }) => url !== null).map((key) => {
    const row = rows.get(key.label);
    return {
      label: key.label, vkey: formatVkey(key), kind: key.type === mlDsaType ? 'ml-dsa-44' as const : 'ed25519' as const,
      outcome: row?.outcome ?? 'waiting' as const, size: row?.size ?? 0, cosignedAt: row?.cosignedAt ?? null,
      askedAt: row?.askedAt ?? null,
    };
  });
  return { cosigned: items.length > 0 ? cosigned?.size ?? null : null, items };
}

/** `acts` is what changes the ledger itself (acts.ts). */
export function ledgerActions(parts: LedgerParts & { readonly acts: ReturnType<typeof ledgerActs> }): Actions<LedgerApi> {
  const { db, signer, acts } = parts;
  return {
    rotateKey: acts.rotateKey,
    'subjects.erase': acts.erase,

    async day({ day }) {
      const note = await dayNote(db, day);
      if (note === null) throw noSuch('day');
      return { day, note };
    },

    async keys() {
      return { items: await keyRows(db) };
    },

    async status() {
      const { bytes, checkpoint: { origin, size, root } } = await currentLog(parts);
      return {
        origin,
        vkey: formatVkey(signer.key),
        size,
        root: toBase64(root),
        at: await headTime(db, size),
        checkpoint: fromUtf8(bytes) ?? '',
      };
    },

    witnesses: () => witnessesOf(parts),

    async prove({ index }) {
      const published = await currentLog(parts);
      if (index >= published.checkpoint.size) throw noSuch('leaf');
      const [leaf] = await leavesFrom(db, index, 1);
      if (!leaf) throw new Error(`leaf ${index} is not there`);
      const inclusion = await inclusionOf(parts, published, index);
      return { ...inclusion, leaf: leaf.leaf, checkpoint: fromUtf8(published.bytes) ?? '' };
    },

    async list(input, { actor }) {
      const limit = input.limit ?? pageSize;
      const found = await factsFor(db, actor, { ...input, limit: limit + 1 });
      const facts = found.slice(0, limit).map(factOf);
      return { facts, next: found.length > limit ? facts.at(-1)?.index ?? null : null };
    },

    async view({ index }, { actor }) {
      const [fact] = await factsFor(db, actor, { index, limit: 1 });
      if (!fact) throw noSuch('fact');
      const published = await currentLog(parts);
      const covered = index < published.checkpoint.size;
      return {
        ...factOf(fact),
        text: fact.text,
        salt: toHex(saltOf(fact.subjectKey, index)),
        leaf: fact.leaf,
        proof: covered ? await inclusionOf(parts, published, index) : null,
        checkpoint: fromUtf8(published.bytes) ?? '',
      };
    },
  };
}
