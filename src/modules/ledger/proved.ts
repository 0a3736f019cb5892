/**
 * Facts with all that it takes to check them elsewhere without this hub: text, salt, leaf, and a C2SP tlog-proof to the
 * checkpoint that the log is handed out with.
 */
import { fromUtf8, toBase64, toHex } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { formatVkey, parseNote } from '#kit/note/note';
import { formatTlogProof } from '#kit/note/proof';
import { formatSample, type SampleEntry } from '#kit/sample/sample';
import { currentLog, exportedLog } from './actions.ts';
import type { LedgerParts } from './actions.ts';
import { saltOf, tilesIn } from './log.ts';
import { factsFor } from './store.ts';
import type { FactContent, FactFilter, Scope, StoredFact } from './store.ts';

export interface ProvedFact {
  readonly content: FactContent;
  /** The RFC 8785 text that the commitment covers. */
  readonly text: string;
  /** Hex. */
  readonly salt: string;
  readonly leaf: string;
  /** Null for a moment only: until a checkpoint covers it. */
  readonly proof: string | null;
}

/** Facts that the scope may read, newest first, each with its proof. */
export async function provedFacts(parts: LedgerParts, scope: Scope, filter: FactFilter): Promise<ProvedFact[]> {
  const { bytes, checkpoint: { size } } = await exportedLog(parts);
  const note = parseNote(bytes);
  if (!note) throw new Error('the checkpoint that is kept is not a signed note');
  const proved: ProvedFact[] = [];
  for (const { index, content, text, subjectKey, leaf } of await factsFor(parts.db, scope, filter)) {
    const proof = index < size
      ? formatTlogProof({ extra: null, index, hashes: await inclusionProof(nodeTreeHash, index, size, tilesIn(parts.blobs)), note }) : null;
    proved.push({ content, text, salt: toHex(saltOf(subjectKey, index)), leaf, proof });
  }
  return proved;
}

export interface PlacedFact {
  readonly index: number; readonly size: number; readonly hashes: readonly string[]; readonly leaf: string; readonly checkpoint: string; readonly vkey: string;
}

/**
 * The fact of a view that was stated a moment ago, with its proof as a browser checks it; null where the log does not hold it yet.
 */
export async function provedFact(parts: LedgerParts, org: string, find: FactSought): Promise<PlacedFact | null> {
  return (await openedFact(parts, org, find))?.place ?? null;
}

/** Facts of one subject read at once. */
const factsOfPage = 500;

/**
 * All facts of some classes about some subjects that the organisation may read, as one file that is checked offline (`entente verify`): their
 * leaves in the order of the log, each opened and proved to one checkpoint. What is not under it yet is not among them.
 */
export async function openedTrail(
  parts: LedgerParts, org: string, { subjects, classes }: { readonly subjects: readonly string[]; readonly classes: readonly string[] },
): Promise<{ readonly text: string; readonly count: number }> {
  const { bytes, checkpoint: { size } } = await exportedLog(parts);
  const entries: SampleEntry[] = [];
  for (const subject of subjects) {
    for (let before: number | undefined = size; before !== undefined;) {
      const found: StoredFact[] = await factsFor(parts.db, { org }, { subject, before, limit: factsOfPage });
      for (const { index, leaf, text, content, subjectKey } of found) {
        if (!classes.includes(content.class)) continue;
        const hashes = await inclusionProof(nodeTreeHash, index, size, tilesIn(parts.blobs));
        entries.push({ index, leaf, hashes, opening: { salt: saltOf(subjectKey, index), text } });
      }
      before = found.length < factsOfPage ? undefined : found.at(-1)?.index;
    }
  }
  entries.sort((one, other) => one.index - other.index);
  return { text: formatSample(fromUtf8(bytes) ?? '', entries, 'trail'), count: entries.length };
}

export interface FactSought {
  readonly class: string; readonly subject: string; readonly view?: string; readonly index: number | null;
}

/** The same with what opens the leaf: the fact's text and its salt. */
export async function openedFact(
  parts: LedgerParts, org: string, find: FactSought,
): Promise<{ readonly place: PlacedFact; readonly text: string; readonly salt: string } | null> {
  const [found] = await factsFor(parts.db, { org }, {
    class: find.class, subject: find.subject, view: find.view, limit: 1, index: find.index ?? undefined,
  });
  const { bytes, checkpoint: { size } } = await currentLog(parts);
  if (!found || found.index >= size) return null;
  const hashes = await inclusionProof(nodeTreeHash, found.index, size, tilesIn(parts.blobs));
  const place = {
    index: found.index, size, hashes: hashes.map(toBase64), leaf: found.leaf, checkpoint: fromUtf8(bytes) ?? '', vkey: formatVkey(parts.signer.key),
  };
  return { place, text: found.text, salt: toHex(saltOf(found.subjectKey, found.index)) };
}
