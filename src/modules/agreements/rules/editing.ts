/**
 * What a draft must be before it can be saved, problem by problem with its place, and which of its clauses, signatures and
 * attestations stay. Pure: the editor in the browser shows the same problems before it sends anything.
 */
import { Refusal } from '#kit/refusal';
import { isZone } from '#kit/zone/midnight';
import { roleMatrix } from '#modules/parties/index';
import type { EditedDocument } from '../edited.ts';
import type { Agreement } from '../model.ts';
import type { GrantSpec, Machine } from '../terms.ts';

export interface Problem {
  readonly at: string;
  readonly problem: string;
}

const partsOfMachine = ['grants', 'prohibitions', 'obligations', 'quotas', 'handling', 'oversight'] as const;
/** The one part of the machine form that a clause of a kind may have. */
const formOf: Readonly<Record<EditedDocument['clauses'][number]['kind'], (typeof partsOfMachine)[number] | null>> = {
  grant: 'grants', prohibition: 'prohibitions', obligation: 'obligations', quota: 'quotas', handling: 'handling',
  oversight: 'oversight', narrative: null,
};

const filled = (machine: Machine, name: (typeof partsOfMachine)[number]): boolean => {
  const held = machine[name];
  return Array.isArray(held) ? held.length > 0 : held !== null;
};

/** Every problem of the document, in reading order; none where it may be saved. */
export function problemsOf(d: EditedDocument, bounds: { readonly effectiveAt: string; readonly expiresAt: string }): Problem[] {
  const found: Problem[] = [];
  const say = (at: string, problem: string): void => void found.push({ at, problem });
  if (!isZone(d.zone)) say('zone', 'This is no time zone.');
  if (d.expiresOn <= d.effectiveOn) say('expiresOn', 'It must end after it begins.');
  const ids = d.parts.map((p) => p.id);
  ids.forEach((id, i) => { if (ids.indexOf(id) !== i) say(`parts.${i}.id`, 'Two parts have the same name.'); });
  if (!d.parts.some((p) => p.included)) say('parts', 'At least one part must be included.');
  const seen = new Set<string>();
  d.clauses.forEach((clause, i) => {
    const at = `clauses.${i}`;
    if (clause.part !== null && !d.parts.some((p) => p.id === clause.part && p.included)) {
      say(`${at}.part`, 'This part is not included.');
    }
    for (const name of partsOfMachine) {
      if (filled(clause.machine, name) && formOf[clause.kind] !== name) {
        say(`${at}.machine.${name}`, `A clause of the kind ${clause.kind} has no ${name}.`);
      }
    }
    const form = formOf[clause.kind];
    if (form && !filled(clause.machine, form)) say(`${at}.machine.${form}`, `A clause of the kind ${clause.kind} needs ${form}.`);
    for (const id of allIds(clause.machine)) {
      if (id !== '' && seen.has(id)) say(`${at}.machine`, 'The same item stands in two places.');
      seen.add(id);
    }
    clause.machine.grants.forEach((g, j) => problemsOfGrant(g, `${at}.machine.grants.${j}`, d, bounds, say));
    clause.machine.quotas.forEach((q, j) => {
      if (!Object.hasOwn(roleMatrix, q.action)) say(`${at}.machine.quotas.${j}.action`, 'No role gives this right.');
      if (q.amount <= 0) say(`${at}.machine.quotas.${j}.amount`, 'It must be more than nothing.');
    });
  });
  return found;
}

function allIds(machine: Machine): string[] {
  return [
    ...machine.grants, ...machine.prohibitions, ...machine.obligations, ...machine.quotas,
    ...(machine.handling ? [machine.handling] : []), ...(machine.oversight ? [machine.oversight] : []),
  ].map((item) => item.id);
}

function problemsOfGrant(
  g: GrantSpec, at: string, d: EditedDocument, bounds: { effectiveAt: string; expiresAt: string },
  say: (at: string, problem: string) => void,
): void {
  g.actions.forEach((right, k) => {
    // A right that no role gives reaches nobody: it is a slip of the pen.
    if (!Object.hasOwn(roleMatrix, right)) say(`${at}.actions.${k}`, 'No role gives this right.');
  });
  if (g.products !== 'ALL_NAMED') {
    g.products.forEach((product, k) => {
      if (!d.products.includes(product)) say(`${at}.products.${k}`, 'The agreement does not name this product.');
    });
  }
  if (g.maxTlp === 'RED' && g.persons === null) say(`${at}.maxTlp`, 'TLP:RED is for named people only: name them.');
  const [from, until] = [g.notBefore ?? bounds.effectiveAt, g.expires ?? bounds.expiresAt];
  if (g.notBefore !== null && !(Date.parse(from) >= Date.parse(bounds.effectiveAt))) say(`${at}.notBefore`, 'It begins before the agreement does.');
  if (g.expires !== null && !(Date.parse(until) <= Date.parse(bounds.expiresAt))) say(`${at}.expires`, 'It ends after the agreement does.');
  if (!(Date.parse(from) < Date.parse(until))) say(`${at}.expires`, 'It must end after it begins.');
  g.conditions.networks.forEach((network, k) => {
    if (!isNetwork(network)) say(`${at}.conditions.networks.${k}`, 'This is no network in CIDR form.');
  });
}

/** CIDR, IPv4 or IPv6; the decision parses it anew and denies what it cannot read. */
function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  if (address.includes(':')) return Number(bits) <= 128 && /^[0-9a-fA-F:.]*$/.test(address) && (address.match(/::/g) ?? []).length <= 1;
  const octets = address.split('.');
  return octets.length === 4 && octets.every((o) => /^\d{1,3}$/.test(o) && Number(o) <= 255) && Number(bits) <= 32;
}

/** Throws unless this draft may be edited over the version that was read. */
export function mayEdit(agreement: Agreement): void {
  if (agreement.status !== 'draft') {
    throw new Refusal('conflict', 'agreement.not-a-draft', 'Only a draft can be edited.', {
      hint: 'Draft its renewal or amendment: it begins as a copy.',
    });
  }
}

export function refuseProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  throw new Refusal('invalid', 'agreement.not-sound', 'The draft cannot stand like this.', {
    at: first.at, hint: first.problem, problems: problems.slice(0, 50),
  });
}
