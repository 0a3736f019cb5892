/**
 * What the ledger holds: facts behind leaves that carry no content, the checkpoint over them, and the proofs that
 * tie one to the other. The formats are C2SP tlog-tiles, tlog-checkpoint and signed-note; docs/specs/ledger.md is ours.
 */
import { z } from 'zod';

/** The log's signing key goes by this name in the key store. */
export const ledgerKeyName = 'ledger';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const base64Hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const rfc3339 = z.iso.datetime();

/** A leaf index or tree size: a safe integer from 0. */
export const indexSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const clauseSchema = z.strictObject({
  agreementId: z.string(),
  agreementTitle: z.string(),
  clause: z.string(),
  textSha256: z.string(),
});

/** The public leaf: what is committed to, when to the minute, and nothing of the content. */
export const leafSchema = z.strictObject({
  v: z.literal(1),
  class: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/).max(100),
  /** UTC to the minute: `2026-01-31T09:05Z`. */
  time: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/),
  /** SHA-256(salt || RFC 8785 fact), hex. */
  commitment: hex32,
});
export type Leaf = z.output<typeof leafSchema>;

/** A fact as a reader sees it in a list. */
export const factSchema = z.strictObject({
  index: indexSchema,
  class: z.string(),
  /** When it was done, RFC 3339 UTC. */
  at: rfc3339,
  /** Person id, or `system`. */
  actor: z.string(),
  /** Organisation the actor acted for. */
  org: z.string(),
  subject: z.string(),
  /** Organisations that may read this opening. */
  readers: z.array(z.string()),
  clauses: z.array(clauseSchema),
  body: z.record(z.string(), z.json()),
  /** SHA-256(0x00 || leaf), hex. */
  leafHash: hex32,
});
export type LedgerFact = z.output<typeof factSchema>;

/** RFC 6962 inclusion proof of one leaf in the tree of the checkpoint beside it. */
export const inclusionSchema = z.strictObject({
  index: indexSchema,
  size: indexSchema,
  /** Root of the tree of that size. */
  root: base64Hash,
  /** From the leaf's sibling up to the root's child, base64. */
  hashes: z.array(base64Hash),
});
export type Inclusion = z.output<typeof inclusionSchema>;

/** A fact with everything one needs to check it without trusting the hub. */
export const openedFactSchema = factSchema.extend({
  /** The RFC 8785 text that the commitment covers. */
  text: z.string(),
  /** HMAC-SHA256(subject key, leaf index), hex. */
  salt: hex32,
  /** The exact bytes of the leaf, as text. */
  leaf: z.string(),
  /**
   * Null for a moment only: between the sequencing of the fact and the publication of the checkpoint that covers it.
   */
  proof: inclusionSchema.nullable(),
  /** The signed note that `proof` leads to. */
  checkpoint: z.string(),
});
export type OpenedFact = z.output<typeof openedFactSchema>;

/**
 * What a witness made of the newest checkpoint: `ahead` says that it has cosigned more of this log than the hub has, which
 * only records put back from a backup or a second hub of the same name explain; `waiting` that it was not asked yet.
 */
export const witnessOutcomes = ['cosigned', 'silent', 'refused', 'ahead', 'waiting'] as const;
export type WitnessOutcome = (typeof witnessOutcomes)[number];

export const witnessesSchema = z.strictObject({
  /** Size of the newest checkpoint that meets the hub's quorum; null where none does, or no witness is named. */
  cosigned: indexSchema.nullable(),
  items: z.array(z.strictObject({
    /** What the hub's policy calls it. */
    label: z.string(),
    vkey: z.string(),
    kind: z.enum(['ed25519', 'ml-dsa-44']),
    outcome: z.enum(witnessOutcomes),
    /** Largest tree it has cosigned. */
    size: indexSchema,
    cosignedAt: rfc3339.nullable(),
    askedAt: rfc3339.nullable(),
  })),
});
export type WitnessesStatus = z.output<typeof witnessesSchema>;

export const logKeysSchema = z.strictObject({
  items: z.array(z.strictObject({
    number: z.number().int(),
    vkey: z.string(),
    /** `ending` signs along until a checkpoint over the fact of the rotation is kept. */
    state: z.enum(['signing', 'ending', 'retired']),
    /** Leaves that were there when it was made. */
    firstSize: indexSchema,
    /** Size of the last checkpoint it signed; null while it signs. */
    endedSize: indexSchema.nullable(),
  })),
});

/** What is left as the trace of an erasure, and may be read by whoever could read what was erased. */
export const eraseSchema = z.strictObject({
  /** Id of the object: `per_…`, `con_…`. */
  subject: z.string().regex(/^[a-z]{2,12}_[A-Za-z0-9._-]{1,60}$/),
  /** Why, in a sentence: it stands in the ledger. */
  ground: z.string().min(10).max(500),
});

export const ledgerStatusSchema = z.strictObject({
  origin: z.string(),
  /** Verifier key of the log, C2SP signed-note form, for a policy file. */
  vkey: z.string(),
  size: indexSchema,
  root: base64Hash,
  /** When this (size, root) was committed; null for the empty log. */
  at: rfc3339.nullable(),
  /** The checkpoint as it is published. */
  checkpoint: z.string(),
});
export type LedgerStatus = z.output<typeof ledgerStatusSchema>;
