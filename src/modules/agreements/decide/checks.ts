/**
 * The checks of one grant, in order: the further a grant comes, the closer it is to a yes. Each is total, and what it does
 * not know it denies. They are a table, so that a test can prove of each that leaving it out or bending it is noticed.
 */
import { truthOf, type Truth, type Value } from '#kit/condition/condition';
import { readIp } from '#kit/ip/ip';
import { liesIn } from '#kit/ip/networks';
import {
  hasBit, purposeBit, roleMask, tlpOrder, type CompiledAgreement, type CompiledForbid, type CompiledGrant,
} from './policy.ts';
import type { Request } from './request.ts';
import { standingCode, type Term } from './standing.ts';

/** A request in the compiled form's terms. */
export interface Asked {
  readonly request: Request;
  /** Milliseconds; NaN where it cannot be read. */
  readonly now: number;
  readonly purpose: number;
  readonly roles: number;
  /** -1: no label is involved; beyond the last: unknown. */
  readonly tlp: number;
  readonly level: number;
  /** Sixteen bytes of the asker's address; null where there is none or it cannot be read. */
  readonly address: Uint8Array | null;
  /** Numbers of the kind and the products in the agreement that is being weighed; -1 where it names no such thing. */
  kind: number;
  products: number[];
}

const beyond = 99;
export const red = tlpOrder.indexOf('RED');
const strict = tlpOrder.indexOf('AMBER+STRICT');

export function askedOf(request: Request): Asked {
  const { actor, resource, purpose, now } = request;
  return {
    request, now: Date.parse(now), purpose: purposeBit(purpose), roles: roleMask(actor.roles ?? []),
    tlp: tlpNumber(resource.tlp), level: levelNumber(resource.level),
    address: addressOf(actor.address), kind: -1, products: [],
  };
}

function addressOf(text: string | undefined): Uint8Array | null {
  const bytes = new Uint8Array(16);
  return text !== undefined && readIp(text, bytes) ? bytes : null;
}

function tlpNumber(tlp: string | null | undefined): number {
  if (tlp === undefined) return -1;
  if (tlp === null) return red;
  const at = tlpOrder.indexOf(tlp);
  return at < 0 ? beyond : at;
}

function levelNumber(level: number | null | undefined): number {
  if (level === undefined) return -1;
  return level !== null && Number.isInteger(level) && level >= 0 && level <= 4 ? level : beyond;
}

export function turnTo(asked: Asked, of: CompiledAgreement): void {
  const products = asked.request.resource.products;
  asked.kind = of.kinds.get(asked.request.resource.kind) ?? -1;
  asked.products = products === undefined || products.length === 0 ? none : products.map((p) => of.products.get(p) ?? -1);
}
const none: number[] = [];

export interface Check {
  /** Codes of the reason where it holds and where it does not. */
  readonly yes: string;
  readonly no: string;
  readonly holds: (g: CompiledGrant, q: Asked) => boolean;
  /** It reads the resource: in a list, each row answers it (`rows.ts`); the others are answered once. */
  readonly ofRow?: true;
}

export const checks: readonly Check[] = [
  { yes: 'part-in-force', no: 'part-not-in-force', holds: (g) => g.part === 'in-force' },
  { yes: 'attested', no: 'not-attested', holds: (g) => g.attested },
  { yes: 'not-revoked', no: 'revoked', holds: (g) => !g.revoked },
  { yes: 'sponsor-stands', no: 'sponsor-absent', holds: (g, q) => sponsorStands(g, q.now) },
  { yes: 'begun', no: 'not-begun', holds: (g, q) => q.now >= g.from },
  { yes: 'not-over', no: 'grant-expired', holds: (g, q) => q.now < g.until },
  { yes: 'kind-granted', no: 'kind-not-granted', holds: (g, q) => hasBit(g.kinds, q.kind), ofRow: true },
  { yes: 'purpose-granted', no: 'purpose-not-granted', holds: (g, q) => (g.purposes & q.purpose) !== 0 },
  { yes: 'product-granted', no: 'product-not-granted', holds: (g, q) => productsIn(g, q.products), ofRow: true },
  { yes: 'tlp-granted', no: 'tlp-not-granted', holds: (g, q) => q.tlp <= g.tlp, ofRow: true },
  { yes: 'level-granted', no: 'level-not-granted', holds: (g, q) => q.level <= g.level, ofRow: true },
  { yes: 'audience-granted', no: 'audience-not-granted', holds: inAudience, ofRow: true },
  { yes: 'role-granted', no: 'role-not-granted', holds: (g, q) => g.roles === null || (g.roles & q.roles) !== 0 },
  { yes: 'person-granted', no: 'person-not-granted', holds: (g, q) => g.persons === null || isNamed(g, q) },
  { yes: 'mfa-given', no: 'mfa-missing', holds: (g, q) => !g.conditions.mfa || q.request.actor.mfa === true },
  { yes: 'network-granted', no: 'network-not-granted', holds: fromNetwork },
  { yes: 'approved', no: 'approval-missing', holds: isApproved },
];

/** All, not any: one product outside the scope is enough for a no. What concerns no product needs ALL_NAMED. */
function productsIn(g: CompiledGrant, products: readonly number[]): boolean {
  if (products.length === 0) return g.allNamed;
  for (const product of products) if (!hasBit(g.products, product)) return false;
  return true;
}

function sponsorStands(g: CompiledGrant, now: number): boolean {
  if (g.parent === null) return true;
  const above = g.parent.grant;
  if (above === null || g.parent.wider.length > 0) return false;
  return standingCode(above.agreement, now) === 'agreement-in-force' && above.part === 'in-force' && above.attested
    && !above.revoked && now >= above.from && now < above.until && sponsorStands(above, now);
}

const isNamed = (g: CompiledGrant, q: Asked): boolean =>
  g.persons !== null && q.request.actor.person !== undefined && g.persons.has(q.request.actor.person);

/**
 * TLP is a rule about who, not only an order. Red is for people whom the grant names; amber+strict for the organisation that
 * signed, not for one it sponsors. An audience that the resource itself names narrows further; an empty one is nobody.
 */
function inAudience(g: CompiledGrant, q: Asked): boolean {
  if (q.tlp >= red && !isNamed(g, q)) return false;
  if (q.tlp >= strict && g.parent !== null) return false;
  const audience = q.request.resource.audience;
  if (audience === undefined || audience === null) return true;
  const { actor } = q.request;
  const orgs = audience.orgs;
  const inOrgs = orgs === undefined || orgs.includes(actor.org) || (g.parent !== null && orgs.includes(g.parent.sponsor));
  const { persons } = audience;
  return inOrgs && (persons === undefined || (actor.person !== undefined && persons.includes(actor.person)));
}

function fromNetwork(g: CompiledGrant, q: Asked): boolean {
  return g.networks === null || (q.address !== null && liesIn(g.networks, q.address));
}

/** Enough others, each once, of the side that has to; the one who asks is never among them. */
function isApproved(g: CompiledGrant, q: Asked): boolean {
  const wanted = g.conditions.approvals;
  if (wanted === null) return true;
  const { actor, approvals, resource } = q.request;
  const side = wanted.from === 'own-organisation' ? actor.org : resource.owner;
  const people = new Set<string>();
  for (const yes of approvals ?? []) if (yes.org === side && yes.person !== actor.person) people.add(yes.person);
  return people.size >= wanted.count;
}

/** Whether a prohibition holds: null where its test reads what is not known, which denies as well. */
export function prohibits(forbid: CompiledForbid, q: Asked): Truth {
  return forbid.when === null ? true : truthOf(forbid.when, (name) => attributeOf(q.request, name), { tlp: tlpOrder });
}

/**
 * A prohibition binds from the first day to the last, also while the agreement or its part is suspended or withdrawn: these
 * take rights away and must give none back.
 */
export function binds(of: Term, now: number): boolean {
  const code = standingCode(of, now);
  if (code === 'agreement-suspended') return now >= of.from && now < of.until;
  return code === 'agreement-in-force';
}

/** What a test may read. A name of ours cannot be overlaid: theirs begin with `resource.` or `actor.`. */
export function attributeOf({ actor, resource, purpose, action }: Request, name: string): Value | undefined {
  switch (name) {
    case 'action': return action;
    case 'purpose': return purpose;
    case 'kind': return resource.kind;
    case 'owner': return resource.owner;
    case 'tlp': return resource.tlp === null ? 'RED' : resource.tlp;
    case 'level': return resource.level ?? undefined;
    case 'products': return resource.products ?? [];
    case 'org': return actor.org;
    case 'person': return actor.person;
    case 'roles': return actor.roles;
    case 'mfa': return actor.mfa;
    default: return own(resource.attributes, name, 'resource.') ?? own(actor.attributes, name, 'actor.');
  }
}

function own(from: Readonly<Record<string, Value>> | undefined, name: string, prefix: string): Value | undefined {
  if (from === undefined || !name.startsWith(prefix)) return undefined;
  const key = name.slice(prefix.length);
  return Object.hasOwn(from, key) ? from[key] : undefined;
}

export interface Rules {
  readonly standing: (of: Term, now: number) => string;
  readonly checks: readonly Check[];
  readonly prohibits: (forbid: CompiledForbid, q: Asked) => Truth;
  /** What a prohibition that cannot be told comes to. */
  readonly unknownProhibits: boolean;
}

export const rules: Rules = { standing: standingCode, checks, prohibits, unknownProhibits: true };
