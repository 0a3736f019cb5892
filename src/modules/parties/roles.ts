/**
 * The role matrix as data: which role gives which right, for acts on one's own organisation's records and as the
 * first half of every act by mandate (the second half is a clause). Published in docs/access.md; a test holds it
 * equal to the endpoints. Nobody holds a right that is not listed here.
 */
import type { Role } from './model.ts';

const everyone: readonly Role[] = [
  'administrator', 'principal', 'duty-officer', 'steward', 'psirt', 'feed-operator', 'engineer', 'le-desk',
  'reviewer', 'constituent-admin', 'investigator', 'prosecutor', 'monitor', 'oversight', 'auditor',
];
const readers: readonly Role[] = ['principal', 'duty-officer', 'auditor', 'oversight'];
const registry: readonly Role[] = ['duty-officer'];
const administrators: readonly Role[] = ['administrator'];
const signers: readonly Role[] = ['principal'];

/** Right to the roles that give it. */
export const roleMatrix: Readonly<Record<string, readonly Role[]>> = {
  'person.list': ['administrator', 'principal', 'auditor', 'oversight'],
  'person.assign': administrators,
  'person.suspend': administrators,
  'person.approve': ['administrator', 'principal'],
  'invitation.create': administrators,
  'approval.request': everyone,
  'approval.list': everyone,
  'approval.decide': everyone,
  'approval.oversee': ['administrator', 'principal', 'auditor', 'oversight'],
  'organisation.list': everyone,
  'stream.open': everyone,
  'organisation.introduce': ['administrator', 'principal'],

  'agreement.list': everyone,
  'agreement.view': everyone,
  'agreement.draft': signers,
  'agreement.edit': signers,
  'agreement.attest': ['principal', 'auditor', 'steward', 'oversight'],
  'agreement.sign': signers,
  'agreement.suspend': signers,
  'agreement.acknowledge-suspension': ['principal', 'steward', 'duty-officer'],
  'agreement.revoke-grant': signers,
  'agreement.withdraw-part': signers,
  'agreement.end': signers,
  'offering.open': everyone,

  'fact.list': ['principal', 'auditor', 'oversight', 'duty-officer', 'administrator', 'monitor', 'constituent-admin',
    'steward', 'feed-operator'],
  'fact.view': ['principal', 'auditor', 'oversight', 'duty-officer', 'administrator', 'monitor', 'constituent-admin',
    'steward', 'feed-operator'],
  'ledger.export': ['principal', 'auditor', 'oversight'],

  'constituent.list': readers,
  'constituent.view': readers,
  'constituent.create': registry,
  'constituent.import': registry,
  'asset.add': registry,
  'asset.end': registry,
  'asset.prove': registry,
  'contact.list': readers,
  'contact.add': registry,
  'contact.remove': registry,
  'claim.list': readers,
  'claim.decide': registry,
  'feed.list': [...readers, 'feed-operator'],
  'feed.view': [...readers, 'feed-operator'],
  'feed.create': registry,
  'feed.ingest': ['duty-officer', 'feed-operator'],
  'feed.pull': ['duty-officer', 'feed-operator'],
  'feed.deliver': ['feed-operator'],
  'batch.list': [...readers, 'feed-operator'],
  'batch.view': [...readers, 'feed-operator'],
  'event.list': ['principal', 'duty-officer', 'auditor'],
  'exposure.view': ['constituent-admin', 'principal', 'duty-officer', 'auditor'],

  'source.view': ['reviewer'],
  'centre.visit': ['reviewer', 'steward'],
  'document.view': ['reviewer', 'engineer', 'duty-officer'],
  'threat.read': ['duty-officer', 'psirt'],
  'threat.share': ['duty-officer', 'feed-operator', 'psirt'],
  'investigation.request': ['investigator'],
  'investigation.answer': ['le-desk'],
  'training.join': everyone,
  'consultation.ask': ['engineer', 'duty-officer'],
  'notice.receive': ['constituent-admin', 'duty-officer', 'principal'],
  'notice.answer': ['constituent-admin', 'principal'],
  'blocklist.pull': ['constituent-admin', 'duty-officer', 'engineer'],
};

/** Rights that a set of roles gives, sorted. */
export function rightsOf(roles: readonly string[]): string[] {
  return Object.entries(roleMatrix)
    .filter(([, holders]) => holders.some((role) => roles.includes(role)))
    .map(([right]) => right)
    .sort();
}

/** Whether one of the roles gives the right. An unknown right is given by none. */
export function givesRight(roles: readonly string[], right: string): boolean {
  return Object.hasOwn(roleMatrix, right) && (roleMatrix[right] ?? []).some((role) => roles.includes(role));
}
