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
/** All but the monitor, who watches and never writes. */
const actors: readonly Role[] = everyone.filter((role) => role !== 'monitor');
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
  'protection.view': ['administrator', 'principal', 'auditor'],
  'hold.place': ['administrator', 'principal', 'auditor'],
  'hold.lift': ['administrator', 'principal'],
  'person.export': administrators,
  'person.erase': ['administrator', 'principal'],
  'person.activate': administrators,
  'person.recover': administrators,
  'session.oversee': administrators,
  'person.provision': administrators,
  'approval.request': actors,
  'approval.list': everyone,
  'approval.decide': actors,
  'approval.oversee': ['administrator', 'principal', 'auditor', 'oversight'],
  'break-glass.start': ['administrator', 'duty-officer', 'steward', 'psirt', 'feed-operator', 'engineer', 'constituent-admin'],
  'break-glass.approve': ['administrator', 'principal'],
  'break-glass.list': actors,
  'break-glass.review': ['principal', 'auditor', 'oversight'],
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
  'eligibility.publish': signers,
  'application.list': ['principal', 'auditor', 'oversight', 'steward'],
  'application.submit': signers,
  'application.assess': ['principal', 'steward', 'auditor'],
  'application.appeal': signers,
  'arrangement-notice.list': ['principal', 'auditor', 'oversight', 'duty-officer'],
  'succession.list': ['principal', 'auditor', 'oversight', 'administrator'],
  'succession.propose': signers,
  'succession.agree': ['principal', 'auditor', 'administrator'],
  'succession.accept': signers,
  'succession.consent': signers,
  'sponsorship.list': ['principal', 'auditor', 'oversight', 'administrator'],
  'sponsorship.ask': signers,
  'sponsorship.end': signers,
  'agreement.withdraw-part': signers,
  'agreement.end': signers,
  'agreement.export': ['principal', 'auditor'],
  'agreement.import': signers,
  'held-copy.list': ['principal', 'auditor', 'oversight'],
  'offering.open': everyone,
  'offering.agree': ['principal', 'steward', 'duty-officer'],

  'fact.list': ['principal', 'auditor', 'oversight', 'duty-officer', 'administrator', 'monitor', 'constituent-admin',
    'steward', 'feed-operator'],
  'fact.view': ['principal', 'auditor', 'oversight', 'duty-officer', 'administrator', 'monitor', 'constituent-admin',
    'steward', 'feed-operator'],
  'ledger.rotate-key': ['principal', 'administrator'],
  'subject.erase': ['principal', 'administrator'],
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
  'figure.quote': registry,
  'figure.sign': ['principal', 'duty-officer'],
  'figure.list': readers,
  'feed.ingest': ['duty-officer', 'feed-operator'],
  'feed.pull': ['duty-officer', 'feed-operator'],
  'feed.deliver': ['feed-operator'],
  'feed.agree': ['principal', 'duty-officer'],
  'feed-source.list': [...readers, 'feed-operator', 'administrator'],
  'feed-source.view': [...readers, 'feed-operator', 'administrator'],
  'feed-source.change': ['duty-officer', 'administrator'],
  'feed-source.run': ['duty-officer', 'feed-operator'],
  'push-key.list': [...readers, 'feed-operator', 'administrator'],
  'push-key.change': ['duty-officer', 'administrator'],
  'file.look-up': [...readers, 'investigator'],
  'file.decide': registry,
  'mapping.list': [...readers, 'feed-operator'],
  'mapping.change': registry,
  'batch.replay': registry,
  'batch.list': [...readers, 'feed-operator'],
  'batch.view': [...readers, 'feed-operator'],
  'event.list': ['principal', 'duty-officer', 'auditor'],
  'website.tend': registry,
  'exposure-advisory.publish': registry,
  'scan.run': registry,
  'scan.agree': ['principal', 'constituent-admin'],
  'scan.list': readers,
  'scan.stop': ['duty-officer', 'principal'],
  'exposure.view': ['constituent-admin', 'principal', 'duty-officer', 'auditor'],
  'exposure.agree': ['principal', 'duty-officer'],

  'update-channel.view': ['reviewer', 'steward', 'engineer', 'duty-officer', 'psirt', 'principal', 'auditor', 'oversight'],
  'update-channel.publish': ['steward'],
  'update-channel.end': ['steward'],
  'observer.register': ['duty-officer', 'engineer', 'reviewer'],
  'observer.end': ['duty-officer', 'engineer', 'reviewer'],
  'observation.record': ['duty-officer', 'engineer', 'reviewer'],
  'channel-alarm.explain': ['steward', 'psirt'],
  'channel-alarm.close': ['duty-officer', 'engineer', 'reviewer'],
  'source.view': ['reviewer'],
  'centre.visit': ['reviewer', 'steward'],
  'visit.list': ['reviewer', 'steward', 'psirt', 'principal', 'auditor', 'oversight'],
  'visit.decide': ['steward'],
  'visit.allow': ['reviewer', 'steward', 'principal'],
  'visit.close': ['reviewer', 'steward'],
  'room.list': ['reviewer', 'steward', 'principal'],
  'room.change': ['steward'],
  'review.end': ['reviewer'],
  'review-note.add': ['reviewer'],
  'review-note.list': ['reviewer', 'steward', 'principal'],
  'review-note.clear': ['steward'],
  'flaw.list': ['reviewer', 'steward', 'psirt', 'engineer', 'principal', 'auditor', 'oversight'],
  'flaw.file': ['reviewer'],
  'flow.list': ['reviewer', 'principal', 'auditor', 'oversight'],
  'flaw.answer': ['psirt', 'steward'],
  'statement.make': ['reviewer', 'principal'],
  'watermark.find': ['steward', 'principal'],
  'excerpt.clear': ['steward'],
  'excerpt.agree': ['principal'],
  'copy.register': ['reviewer'],
  'appeal.make': ['reviewer'],
  'appeal.decide': ['principal'],
  'trail.open': ['principal'],
  'bait.plant': ['principal'],
  'document.view': ['reviewer', 'engineer', 'duty-officer'],
  'product.view': ['reviewer', 'steward', 'engineer', 'duty-officer', 'psirt', 'principal', 'auditor', 'oversight'],
  'product.create': ['steward'],
  'release.prepare': ['steward'],
  'release.publish': ['steward'],
  'release.withdraw': ['steward', 'psirt'],
  'detection-rule.sign-off': ['reviewer'],
  'artefact.add': ['steward'],
  'artefact.withdraw': ['steward', 'psirt'],
  'rebuilder.list': ['reviewer', 'steward', 'engineer', 'duty-officer', 'psirt', 'principal', 'auditor', 'oversight'],
  'rebuilder.register': ['reviewer', 'steward'],
  'rebuilder.approve': ['principal', 'duty-officer'],
  'rebuild.attest': ['reviewer', 'steward'],
  'threat.list': [...readers, 'psirt', 'feed-operator', 'engineer', 'investigator', 'constituent-admin'],
  'threat.read': ['duty-officer', 'psirt', 'feed-operator', 'engineer', 'investigator', 'constituent-admin'],
  'threat.share': ['duty-officer', 'feed-operator', 'psirt'],
  'threat.import': ['duty-officer', 'psirt', 'feed-operator'],
  'sighting.add': ['duty-officer', 'psirt', 'feed-operator', 'engineer', 'investigator'],
  'vulnerability.import': ['duty-officer', 'psirt', 'feed-operator'],
  'warninglist.change': ['duty-officer', 'psirt'],
  'threat.decide': ['duty-officer', 'psirt', 'principal'],
  'export.list': [...readers, 'psirt', 'feed-operator', 'engineer'],
  'export.make': ['duty-officer', 'psirt', 'feed-operator'],
  'export.approve': ['principal', 'duty-officer', 'psirt'],
  'recall.list': [...readers, 'psirt', 'feed-operator', 'constituent-admin'],
  'recall.begin': ['duty-officer', 'psirt'],
  'recall.acknowledge': ['duty-officer', 'psirt', 'feed-operator', 'constituent-admin'],
  'alert.list': [...readers, 'psirt', 'feed-operator', 'constituent-admin'],
  'alert.send': ['duty-officer', 'psirt', 'feed-operator'],
  'alert.set-line': ['principal', 'duty-officer', 'constituent-admin'],
  'peer.list': [...readers, 'feed-operator', 'administrator'],
  'peer.change': ['duty-officer', 'administrator'],
  'peer.approve': ['principal', 'duty-officer', 'administrator'],
  'peer.fetch': ['duty-officer', 'feed-operator'],
  'collection.open': ['duty-officer', 'psirt', 'principal'],
  'collection.close': ['duty-officer', 'psirt', 'principal'],
  'investigation.request': ['investigator'],
  'investigation.answer': ['le-desk'],
  'training.join': everyone,
  'consultation.ask': ['engineer', 'duty-officer'],
  'notice.receive': ['constituent-admin', 'duty-officer', 'principal'],
  'connection.beat': ['constituent-admin', 'feed-operator'],
  'connection.view': ['constituent-admin', 'principal', 'duty-officer', 'feed-operator'],
  'connection.list': readers,
  'notice.list': readers,
  'notice.release': registry,
  'notice.approve': ['duty-officer', 'principal'],
  'message.bounce': registry,
  'notice.answer': ['constituent-admin', 'principal'],
  'notice.agree': ['principal', 'duty-officer'],
  'blocklist.pull': ['constituent-admin', 'duty-officer', 'engineer'],
  'blocklist.agree': ['principal', 'duty-officer'],
  'blocklist.list': readers,
  'blocklist.change': registry,
  'blocklist.guard': registry,
  'blocklist.kill': ['duty-officer', 'principal'],
  'blocklist.approve': ['duty-officer', 'principal'],
};

/** Rights that may be had for an hour of need: acts on the own organisation's records that bind nobody and raise nobody. */
export const breakGlassRights = [
  'event.list', 'constituent.list', 'constituent.view', 'asset.add', 'asset.end', 'feed.list', 'feed.view', 'feed.ingest',
  'batch.list', 'batch.view', 'person.list', 'person.suspend', 'session.oversee', 'fact.list', 'fact.view',
] as const;

/** Roles that exclude others in one person: who does is not who checks, who asks is not who authorises. */
export interface Exclusion {
  readonly role: Role;
  readonly excludes: readonly Role[];
  /** For people who read docs/access.md. */
  readonly why: string;
}

const doers: readonly Role[] = [
  'administrator', 'principal', 'duty-officer', 'steward', 'psirt', 'feed-operator', 'engineer', 'le-desk', 'reviewer',
  'constituent-admin', 'investigator', 'prosecutor',
];

/** Separation of duties as data. Held at every assignment of roles and over everyone in the demonstration. */
export const exclusions: readonly Exclusion[] = [
  { role: 'monitor', excludes: [...doers, 'oversight'], why: 'who watches takes no part in what is watched' },
  { role: 'auditor', excludes: ['administrator', 'principal', 'duty-officer', 'feed-operator', 'investigator', 'prosecutor'],
    why: 'who audits has not done what is audited' },
  { role: 'oversight', excludes: doers, why: 'the board decides over those who act and is none of them' },
  { role: 'investigator', excludes: ['prosecutor', 'le-desk'], why: 'who asks neither authorises nor answers the request' },
  { role: 'steward', excludes: ['reviewer'], why: 'who clears notes is not who wrote them' },
];

/** The pairs of roles among these that no one person holds together. */
export function conflictsOf(roles: readonly string[]): { one: Role; other: Role; why: string }[] {
  return exclusions.flatMap(({ role, excludes, why }) => (roles.includes(role)
    ? excludes.filter((other) => roles.includes(other)).map((other) => ({ one: role, other, why })) : []));
}

/** The parts one may have in one case, each excluding the others: one who asks, one who authorises, one who watches. */
export const duties = ['requester', 'authoriser', 'monitor'] as const;
export type Duty = (typeof duties)[number];

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
