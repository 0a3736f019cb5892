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
  device: z.string(),
});
export type Session = z.infer<typeof Session>;

export const Token = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type Token = z.infer<typeof Token>;

/** What the browser needs to know of the one who looks at it. */
export const SessionView = z.strictObject({
  mode: z.enum(['demo', 'production']),
  hub: z.strictObject({ name: z.string(), country: z.string() }),
  actor: z
    .strictObject({
      person: Person,
      organisation: Organisation,
      /** Rights that the person's roles give, by the role matrix. */
      rights: z.array(z.string()),
    })
    .nullable(),
});
export type SessionView = z.infer<typeof SessionView>;
