/** Whom one reaches at a constituent, how fresh that is, and what an organisation itself says it answers for. */
import { z } from 'zod';
import { AssetKind, Moment, ProofKind } from './registry.ts';

/** `technical` gets notices; `head`, `office` and the centre are the rungs of the ladder; `abuse` is a provider's desk. */
export const contactDuties = ['technical', 'abuse', 'head', 'office'] as const;
export const ContactDuty = z.enum(contactDuties);
export type ContactDuty = z.infer<typeof ContactDuty>;

/** Days after which a contact has to be confirmed again. */
export const freshDays = 180;

export const contactStates = ['fresh', 'stale', 'unconfirmed', 'bouncing'] as const;
export const ContactState = z.enum(contactStates);
export type ContactState = z.infer<typeof ContactState>;

export const Language = z.enum(['vi', 'en']);
export type Language = z.infer<typeof Language>;

/** An address one can write to: no list, no name, no line break, in the characters that every mail server takes. */
export const MailAddress = z.string().trim().max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/);

export const NewContact = z.strictObject({
  name: z.string().trim().min(1).max(200),
  duty: ContactDuty,
  email: MailAddress,
  language: Language.default('vi'),
});
export type NewContact = z.infer<typeof NewContact>;

export const Contact = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  name: z.string(),
  duty: ContactDuty,
  email: z.string(),
  language: Language,
  addedAt: z.iso.datetime(),
  /** When they, or their organisation, last said that this is right. */
  confirmedAt: z.iso.datetime().nullable(),
  /** When a message last came back for good; null once confirmed after it. */
  bouncedAt: z.iso.datetime().nullable(),
  bounceReason: z.string().nullable(),
  state: ContactState,
});
export type Contact = z.infer<typeof Contact>;

export const claimStates = ['waiting', 'taken', 'refused'] as const;
export const ClaimState = z.enum(claimStates);

export const NewClaim = z.strictObject({ kind: AssetKind, value: z.string().trim().min(1).max(255), from: Moment });

/** What a constituent says it answers for. It attributes nothing until the centre has taken it, with a proof. */
export const AssetClaim = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  constituentName: z.string(),
  kind: AssetKind,
  value: z.string(),
  from: z.iso.datetime(),
  state: ClaimState,
  /** For a domain: the TXT record that proves it. Null for what DNS cannot prove. */
  dns: z.strictObject({ name: z.string(), text: z.string() }).nullable(),
  /** When the hub found that record; null until then. */
  dnsSeenAt: z.iso.datetime().nullable(),
  madeAt: z.iso.datetime(),
  /** Constituents that hold the same asset at that time, who would have to end first. */
  contestedBy: z.array(z.string()),
  reason: z.string().nullable(),
});
export type AssetClaim = z.infer<typeof AssetClaim>;

export const ClaimDecision = z.discriminatedUnion('take', [
  z.strictObject({
    take: z.literal('yes'), proof: ProofKind, reference: z.string().trim().min(1).max(300), until: Moment.nullable().default(null),
  }),
  z.strictObject({ take: z.literal('no'), reason: z.string().trim().min(3).max(500) }),
]);

/** Who would be told of something, and why: the same rule that attributes events, asked beforehand. */
export const WhoGets = z.strictObject({
  at: z.iso.datetime(),
  /** Every claim that covers it then, the one that wins first. */
  claims: z.array(z.strictObject({
    asset: z.string(), kind: AssetKind, value: z.string(), constituent: z.string(), constituentName: z.string(),
    wins: z.boolean(), proof: z.enum(['none', 'stands', 'lapsed']),
  })),
  owner: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  /** Those who would get it. */
  contacts: z.array(Contact),
});

/** What stands against each other in the registry, or stands on nothing. */
export const RegistryDoubt = z.strictObject({
  why: z.enum(['within-another', 'contested', 'lapsed', 'unproven']),
  kind: AssetKind,
  value: z.string(),
  constituent: z.string(),
  constituentName: z.string(),
  /** The wider holding it lies in, or who else says it is theirs. */
  other: z.strictObject({ constituent: z.string(), constituentName: z.string(), value: z.string() }).nullable(),
  since: z.iso.datetime(),
});
export type RegistryDoubt = z.infer<typeof RegistryDoubt>;
