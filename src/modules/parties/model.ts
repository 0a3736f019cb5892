/** Who is who: organisations, people, the roles they hold, and the credentials that prove it. Decides nothing. */
import { z } from 'zod';

export const OrganisationId = z.string().regex(/^org_[0-9a-z]{3,40}$/);
export const PersonId = z.string().regex(/^per_[0-9a-z]{3,40}$/);

export const OrganisationKind = z.enum([
  'national-centre', 'authority', 'ministry', 'province', 'isp', 'operator', 'vendor', 'oversight', 'company',
]);
export type OrganisationKind = z.infer<typeof OrganisationKind>;

export const Organisation = z.strictObject({
  id: OrganisationId,
  name: z.string().min(1).max(200),
  /** The name in the country's own language, where it has one beside `name`. */
  nameLocal: z.string().max(200).nullable(),
  kind: OrganisationKind,
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
});
export type Organisation = z.infer<typeof Organisation>;

/** What stands for the name of a person who was erased. */
export const erasedName = 'Erased person';

export const Role = z.enum([
  'administrator', 'principal', 'duty-officer', 'steward', 'psirt', 'feed-operator', 'engineer', 'le-desk',
  'reviewer', 'constituent-admin', 'investigator', 'prosecutor', 'monitor', 'oversight', 'auditor',
]);
export type Role = z.infer<typeof Role>;

export const Person = z.strictObject({
  id: PersonId,
  organisation: OrganisationId,
  name: z.string().min(1).max(120),
  email: z.string().max(254).nullable(),
  roles: z.array(Role),
  status: z.enum(['active', 'suspended']),
  language: z.enum(['en', 'vi']),
  createdAt: z.string(),
});
/** A person as their organisation's administration sees them. */
export const ListedPerson = Person.extend({
  lastSeenAt: z.string().nullable(),
  openSessions: z.number().int(),
  passkeys: z.number().int(),
});
export type ListedPerson = z.infer<typeof ListedPerson>;
export type Person = z.infer<typeof Person>;

export const Passkey = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type Passkey = z.infer<typeof Passkey>;

export const Session = z.strictObject({
  id: z.string(),
  current: z.boolean(),
  startedAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
  /** Browser and system as they name themselves. */
  device: z.string(),
  /** How it began: `passkey`, `oidc`, `demonstration`. */
  how: z.string(),
  /** Country and network it began from; null where no list knows. */
  place: z.string().nullable(),
});
export type Session = z.infer<typeof Session>;

export const Token = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  /** Addresses and ranges it is taken from; empty: from anywhere. */
  addresses: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type Token = z.infer<typeof Token>;

export const ApprovalId = z.string().regex(/^apv_[0-9a-z]{3,40}$/);

export const ApprovalState = z.enum(['waiting', 'approved', 'used', 'denied', 'withdrawn', 'expired', 'void']);
export type ApprovalState = z.infer<typeof ApprovalState>;

const PersonName = z.strictObject({ id: z.string(), name: z.string() });
const OrganisationName = z.strictObject({ id: z.string(), name: z.string(), nameLocal: z.string().nullable() });

/** An act that a second person is asked to agree to, with its whole content. */
export const Approval = z.strictObject({
  id: z.string(),
  /** The operation, how it is asked for, and the one sentence of docs/api.md. */
  operation: z.string(),
  method: z.string(),
  path: z.string(),
  summary: z.string(),
  input: z.record(z.string(), z.unknown()),
  /** SHA-256 of the input as canonical JSON (RFC 8785): what is agreed to. */
  inputSha256: z.string(),
  /** Why it is asked for, in the words of the one who asks. */
  reason: z.string(),
  state: ApprovalState,
  requester: PersonName,
  organisation: OrganisationName,
  approverOrganisation: OrganisationName,
  /** Who agreed or refused; null while it waits. */
  decidedBy: PersonName.nullable(),
  decidedAt: z.string().nullable(),
  /** Why it was denied: the one who asked sees it. */
  denial: z.string().nullable(),
  requestedAt: z.string(),
  /** Until when it waits, or, once approved, may be used. */
  expiresAt: z.string(),
  mine: z.boolean(),
  /** Of an act by mandate: the clauses that want this approval. */
  clauses: z.array(z.strictObject({ agreementId: z.string(), agreementTitle: z.string(), clause: z.string(), textSha256: z.string() })),
  /** Code of the refusal that the reader would get on approving, or null where the reader may. */
  whyNot: z.string().nullable(),
});
export type Approval = z.infer<typeof Approval>;

export const BreakGlassId = z.string().regex(/^bgl_[0-9a-z]{3,40}$/);

/** Rights taken in an hour of need. */
export const BreakGlass = z.strictObject({
  id: z.string(),
  person: PersonName,
  approver: PersonName,
  rights: z.array(z.string()),
  reason: z.string(),
  startedAt: z.string(),
  endsAt: z.string(),
  endedAt: z.string().nullable(),
  reviewDueAt: z.string(),
  closedAt: z.string().nullable(),
  closedBy: PersonName.nullable(),
  /** What the review found. */
  finding: z.string().nullable(),
  state: z.enum(['open', 'to-review', 'overdue', 'closed']),
  mayReview: z.boolean(),
});
export type BreakGlass = z.infer<typeof BreakGlass>;

/** What the browser needs to know of the one who looks at it. */
export const SessionView = z.strictObject({
  mode: z.enum(['demo', 'production']),
  hub: z.strictObject({
    name: z.string(), nameLocal: z.string().nullable(), country: z.string(),
    /** Name of the identity provider that one may sign in with, or null. */
    identityProvider: z.string().nullable(),
  }),
  actor: z
    .strictObject({
      person: Person,
      organisation: Organisation,
      /** Rights that the person's roles give, by the role matrix, and those held by broken glass now. */
      rights: z.array(z.string()),
      /** When the passkeys were last replaced by way of recovery, and who had that done; for thirty days. */
      recovered: z.strictObject({ at: z.string(), by: z.string(), approvedBy: z.string() }).nullable(),
    })
    .nullable(),
});
export type SessionView = z.infer<typeof SessionView>;
