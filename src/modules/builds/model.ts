/**
 * The nouns of builds: a *rebuilder*, a key that an organisation builds shipped files again with; a *rebuild*, one bundle of evidence
 * about one release; a *verdict*, what one rebuilder found of one shipped file. What a release comes to is computed from the verdicts
 * that stand, each time, and is stored nowhere.
 */
import { z } from 'zod';
import { factNames } from '#kit/compare/verdict';
import { ruleIds, summaries, verdicts } from '#kit/compare/model';
import { machines, rowKinds, unreads } from '#kit/disassemble/model';

export const Verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof Verdict>;

/** `not-assessed`: nobody has rebuilt anything of it. `incomplete`: what was rebuilt is right, and not all of it was. */
export const equivalences = ['not-assessed', 'incomplete', ...summaries] as const;
export type EquivalenceState = (typeof equivalences)[number];

/** Whether what is shipped is what the source gives, as far as rebuilders have said. */
export const Equivalence = z.strictObject({
  state: z.enum(equivalences),
  /** The worst verdict that stands; null where none does. */
  verdict: Verdict.nullable(),
  /** Files that are shipped, and those of them that somebody rebuilt. */
  files: z.number().int(), assessed: z.number().int(),
  /** Rebuilders of one organisation are one party. Independent are parties other than the provider. */
  rebuilders: z.number().int(), parties: z.number().int(), independent: z.number().int(),
  /** Of some file the parties do not say the same. */
  dissent: z.boolean(), at: z.iso.datetime().nullable(),
});
export type Equivalence = z.infer<typeof Equivalence>;

export const Rebuilder = z.strictObject({
  id: z.string(), org: z.string(), orgName: z.string(), mine: z.boolean(),
  /** As its statements name it. */
  name: z.string(),
  /** Ed25519, 32 bytes in base64. */
  publicKey: z.string(), machine: z.string(), registeredAt: z.iso.datetime(), retiredAt: z.iso.datetime().nullable(), retiredWhy: z.string().nullable(),
  /** Verdicts of its that stand. */
  verdicts: z.number().int(),
});
export type Rebuilder = z.infer<typeof Rebuilder>;

const Fact = z.strictObject({ name: z.enum(factNames), value: z.string() });

/** The hub compares again where it holds both files: what it found beside what the rebuilder says. */
export const checks = ['unchecked', 'agrees', 'contradicts'] as const;

export const VerdictLine = z.strictObject({
  id: z.string(), rebuild: z.string(), artefact: z.string(), rebuilder: z.string(), rebuilderName: z.string(), org: z.string(), orgName: z.string(),
  /** Whether the rebuilder is of the organisation whose product it is. */
  provider: z.boolean(),
  /** As its rebuilder says; `stands` is what counts: the worse of that and what the hub found itself. */
  said: Verdict, stands: Verdict, check: z.enum(checks), at: z.iso.datetime(), rules: z.array(z.string()), recovered: Fact.nullable(),
  differences: z.number().int(), unexplained: z.number().int(), hasRebuilt: z.boolean(),
  /** The verdict that took this one’s place; it stands no more. */
  supersededBy: z.string().nullable(), supersededAt: z.iso.datetime().nullable(), supersededWhy: z.string().nullable(),
});
export type VerdictLine = z.infer<typeof VerdictLine>;

export const ShippedFile = z.strictObject({
  artefact: z.string(), kind: z.enum(['binary', 'update']), name: z.string(), sha256: z.string(), size: z.number().int(),
  /** The worst verdict that stands, and whether the parties say different things; null where nobody rebuilt it. */
  verdict: Verdict.nullable(), summary: z.enum(summaries).nullable(), dissent: z.boolean(),
});
export type ShippedFile = z.infer<typeof ShippedFile>;

const Named = z.strictObject({ name: z.string(), sha256: z.string() });
export const Rebuild = z.strictObject({
  id: z.string(), release: z.string(), version: z.string(), product: z.string(), productName: z.string(), rebuilder: z.string(), rebuilderName: z.string(),
  org: z.string(), orgName: z.string(), mine: z.boolean(),
  /** Whose release it is about, and whether everybody on this hub may know of it. */
  owner: z.string(), open: z.boolean(),
  /** When it came, and when its rebuilder says that it was done. */
  at: z.iso.datetime(), startedAt: z.string(), finishedAt: z.string(),
  /** SHA-256 of the bundle, the recipe, and the text that tells the environment. */
  evidence: z.string(), recipe: z.string(), environment: z.string(), sources: z.array(Named), products: z.array(Named), runId: z.string(),
  hasLog: z.boolean(), corrects: z.string().nullable(), reason: z.string(),
});
export type Rebuild = z.infer<typeof Rebuild>;

const Range = z.strictObject({ from: z.number().int(), to: z.number().int() });
export const Region = z.strictObject({
  /** Its place in the comparison. */
  index: z.number().int(), part: z.array(z.string()), region: z.string(), kind: z.enum(['bytes', 'only-shipped', 'only-rebuilt', 'order', 'packed']),
  shipped: Range.nullable(), rebuilt: Range.nullable(), runs: z.number().int(), bytes: z.number().int(), executable: z.boolean(),
  rule: z.enum(ruleIds).nullable(),
  /** The fact of the environment that a trial proved to be its cause. */
  cause: Fact.nullable(),
});
export type Region = z.infer<typeof Region>;

export const Trial = z.strictObject({ fact: Fact, verdict: z.enum(['IDENTICAL', 'CODE-IDENTICAL', 'DIFFERENT']), open: z.number().int() });
export const Part = z.strictObject({ path: z.array(z.string()), format: z.string(), regions: z.number().int(), differing: z.number().int() });
export const Unopened = z.strictObject({ part: z.array(z.string()), side: z.enum(['shipped', 'rebuilt']), code: z.string(), sentence: z.string() });

/** Bytes of one side around a difference, in base64, from a place in the part. */
export const Excerpt = z.strictObject({ from: z.number().int(), bytes: z.string(), differs: Range });
export type Excerpt = z.infer<typeof Excerpt>;

const Instruction = z.strictObject({
  /** Its place in the part; where it is loaded, and its bytes, in hex. */
  at: z.number().int(), address: z.string(), bytes: z.string(), text: z.string(),
});

/** Instructions of the excerpts, both sides against each other; or why there are none. */
export const Code = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true), machine: z.enum(machines),
    /** Whether decoding began where a function or section begins; else the first instructions may be misread. */
    inStep: z.boolean(),
    rows: z.array(z.strictObject({ is: z.enum(rowKinds), shipped: Instruction.nullable(), rebuilt: Instruction.nullable() })),
  }),
  z.strictObject({ ok: z.literal(false), why: z.enum(unreads) }),
]);
export type Code = z.infer<typeof Code>;
