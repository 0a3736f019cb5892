/**
 * The machine form of clauses: what a clause grants, forbids, obliges, meters, and how what passes under it is handled.
 * It is part of the document that both sides sign; what happens to it afterwards (attested, suspended, revoked) is not,
 * and stands in `model.ts`. FIRST's TLP 2.0 names the labels, FIRST's IEP 2.0 the handling.
 */
import { z } from 'zod';
import { OrganisationId, PersonId, Role } from '#modules/parties/index';

export const TlpLabel = z.enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']);
export type TlpLabel = z.infer<typeof TlpLabel>;
export const PurposeName = z.enum([
  'incident-response', 'cvd', 'investigation', 'advisory', 'training', 'consultation', 'oversight',
]);
export type PurposeName = z.infer<typeof PurposeName>;

/** Which side of the agreement: the authority (the state's side) or the provider (the vendor's; or the one served). */
export const Side = z.enum(['authority', 'counterpart']);
export type Side = z.infer<typeof Side>;

/** `noun.verb`. */
const RightName = z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/).max(80);
const Kind = z.string().regex(/^[a-z][a-z0-9-]*$/).max(60);
const Product = z.string().min(1).max(200);
export const Level = z.number().int().min(0).max(4);
export const Products = z.union([z.literal('ALL_NAMED'), z.array(Product).min(1).max(200)]);
/** An instant, RFC 3339 UTC. */
const Instant = z.iso.datetime();

/** What must be true of the one who asks, beside being named. */
export const Conditions = z.strictObject({
  /** Signed in with user verification; a token never is. */
  mfa: z.boolean(),
  /** Networks the request must come from, CIDR; empty where any will do. */
  networks: z.array(z.string().max(50)).max(50),
  /** How many others must have approved this act, and of which side; null where nobody need. */
  approvals: z.strictObject({
    count: z.number().int().min(1).max(3), from: z.enum(['own-organisation', 'other-party']),
  }).nullable(),
});
export type Conditions = z.infer<typeof Conditions>;

/** What a clause grants. Nothing in it is a wildcard but the products that the agreement names. */
export const GrantSpec = z.strictObject({
  id: z.string().max(120),
  /** Who is allowed: a side; within it only some roles, or only named people, where these are not null. */
  grantee: Side,
  roles: z.array(Role).min(1).max(15).nullable(),
  persons: z.array(PersonId).min(1).max(100).nullable(),
  actions: z.array(RightName).min(1).max(60),
  /** Resource kinds the rights range over. */
  kinds: z.array(Kind).min(1).max(60),
  purposes: z.array(PurposeName).min(1).max(7),
  products: Products,
  maxTlp: TlpLabel,
  maxLevel: Level,
  /** From (included) until (excluded); null is the agreement's own term. */
  notBefore: Instant.nullable(),
  expires: Instant.nullable(),
  conditions: Conditions,
});
export type GrantSpec = z.infer<typeof GrantSpec>;

/**
 * A test over the attributes of a request, as data: read by the evaluator, compiled to SQL, drawn by the explainer.
 * An attribute that is absent makes neither true nor false but unknown, which denies.
 */
export type Test =
  | { readonly all: readonly Test[] }
  | { readonly any: readonly Test[] }
  | { readonly not: Test }
  | { readonly attribute: string; readonly is: 'equal' | 'at-most' | 'at-least'; readonly value: string | number | boolean }
  | { readonly attribute: string; readonly is: 'one-of' | 'all-of' | 'any-of'; readonly value: readonly string[] };
const attribute = z.string().regex(/^[a-z][A-Za-z0-9.-]*$/).max(60);
const TestNode: z.ZodType<Test> = z.lazy(() => z.union([
  z.strictObject({ all: z.array(TestNode).min(1).max(20) }),
  z.strictObject({ any: z.array(TestNode).min(1).max(20) }),
  z.strictObject({ not: TestNode }),
  z.strictObject({
    attribute, is: z.enum(['equal', 'at-most', 'at-least']), value: z.union([z.string().max(200), z.number(), z.boolean()]),
  }),
  z.strictObject({
    attribute, is: z.enum(['one-of', 'all-of', 'any-of']), value: z.array(z.string().max(200)).min(1).max(200),
  }),
]));

/** How deep a test nests and how many tests it holds at most: people have to be able to read it, and parsers to survive it. */
const deepestTest = 8;
const mostTests = 200;

/** Looked at level by level before it is parsed, since what is nested a thousand deep breaks the parser. */
function isReadable(test: unknown): boolean {
  let level: unknown[] = [test];
  for (let depth = 0, count = 0; level.length > 0; depth++) {
    count += level.length;
    if (depth > deepestTest || count > mostTests) return false;
    level = level.flatMap((node) => {
      const inner = Object.entries(node ?? {}).filter(([key]) => key === 'all' || key === 'any' || key === 'not').map(([, value]) => value as unknown);
      return inner.flatMap((value) => (Array.isArray(value) ? value as unknown[] : [value]));
    });
  }
  return true;
}
export const Test: z.ZodType<Test> = z.unknown()
  .refine(isReadable, { error: `A test nests at most ${deepestTest} deep and holds at most ${mostTests} tests.` }).pipe(TestNode);

/** What a clause forbids, whoever would grant it: these rights, always or where `when` holds. */
export const ForbidSpec = z.strictObject({
  id: z.string().max(120),
  /** The side that is forbidden; null for both. */
  bound: Side.nullable(),
  actions: z.array(RightName).min(1).max(60),
  when: Test.nullable(),
});
export type ForbidSpec = z.infer<typeof ForbidSpec>;

/** A duty with a clock: begun by a fact, done by another about the same subject, in time or recorded as late. */
export const ObligationSpec = z.strictObject({
  id: z.string().max(120),
  debtor: Side,
  /** Class of the fact that starts the clock, and of the one that stops it. */
  begunBy: RightName,
  doneBy: RightName,
  withinSeconds: z.number().int().min(1).max(366 * 86_400),
});
export type ObligationSpec = z.infer<typeof ObligationSpec>;

/** A counter: so much of a right in a period; beyond it an approval, or a no. */
export const QuotaSpec = z.strictObject({
  id: z.string().max(120),
  holder: Side,
  action: RightName,
  unit: z.enum(['hour', 'seat', 'request', 'block', 'record']),
  amount: z.number().min(0).max(1e12),
  per: z.enum(['day', 'month', 'year', 'term']),
  beyond: z.enum(['approval', 'deny']),
});
export type QuotaSpec = z.infer<typeof QuotaSpec>;

/** Handling as FIRST's Information Exchange Policy 2.0 has it, beside the TLP label. */
export const HandlingSpec = z.strictObject({
  id: z.string().max(120),
  encryptInTransit: z.enum(['MUST', 'MAY']),
  permittedActions: z.enum([
    'NONE', 'CONTACT FOR INSTRUCTION', 'INTERNALLY VISIBLE ACTIONS', 'EXTERNALLY VISIBLE INDIRECT ACTIONS',
    'EXTERNALLY VISIBLE DIRECT ACTIONS',
  ]),
  affectedPartyNotifications: z.enum(['MAY', 'MUST NOT']),
  attribution: z.enum(['MAY', 'MUST', 'MUST NOT']),
  unmodifiedResale: z.enum(['MAY', 'MUST NOT']),
  externalReference: z.string().max(500).nullable(),
});
export type HandlingSpec = z.infer<typeof HandlingSpec>;

/** Who watches what passes under the agreement, and how deep. */
export const OversightSpec = z.strictObject({
  id: z.string().max(120),
  monitor: OrganisationId,
  sees: z.enum(['actions', 'summary', 'content']),
});
export type OversightSpec = z.infer<typeof OversightSpec>;

/** The whole machine form of one clause. A narrative clause has none of it and is never enforced. */
export const Machine = z.strictObject({
  grants: z.array(GrantSpec).max(50),
  prohibitions: z.array(ForbidSpec).max(50),
  obligations: z.array(ObligationSpec).max(50),
  quotas: z.array(QuotaSpec).max(50),
  handling: HandlingSpec.nullable(),
  oversight: OversightSpec.nullable(),
});
export type Machine = z.infer<typeof Machine>;
