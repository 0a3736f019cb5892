/**
 * What the story's people have done with threat information: a blind community of ports, words on what was shared, a request to pass
 * something on, a list that is matched and not read, and one of what is harmless. Done through the acts themselves, under the
 * agreements of the story. What an agreement does not let be done is left out, as it would be in life.
 */
import type { Actor, Caller } from '#kit/endpoint';
import { blindKeyOf } from '#kit/match/key';
import { readValue } from '#kit/match/value';
import { nullIfRefused } from '#kit/refusal';
import { asHub, within } from '#world/db/scope';
import { mandateBy } from '#modules/agreements/index';
import { exchangeActions, putList, type ExportParts } from '#modules/exchange/index';
import { personById } from '../../modules/parties/store.ts';
import type { World } from '../world.ts';
import { idOf } from './threats.ts';

type Acts = ReturnType<typeof exchangeActions>;
type As = <T>(person: string, act: (caller: Caller) => Promise<T>) => Promise<T | null>;

/** Runs an act as a person would: within their part of the records, asking the agreements. Answers null where it was refused. */
function actingIn({ db, clock }: World): As {
  const mandate = mandateBy({ db, clock });
  return async (id, act) => {
    const person = await asHub('the demonstration acts for its people', () => personById(db, id));
    if (!person) return null;
    const actor: Actor = { person: id, org: person.organisation, roles: person.roles, via: 'session', credential: 'demonstration', provedAt: clock.now() };
    const scope = { org: actor.org, person: id, opened: new Set<string>() };
    const caller: Caller = {
      actor, traceId: 'demonstration', address: '127.0.0.1', until: new AbortController().signal, holds: () => undefined,
      approved: () => Promise.reject(new Error('invariant broken: the story does nothing that others have to agree to')),
      reply: { setSession: () => undefined, clearSession: () => undefined },
      async may(right, about) {
        const allowed = await mandate(actor, right, about);
        if (about.owner !== actor.org) scope.opened.add(about.owner);
        return allowed;
      },
    };
    return within(scope, () => act(caller)).catch(nullIfRefused);
  };
}

/** Written once: a hub whose centre holds a community has it all, or was cut short and keeps what it has. */
export async function writeSharing(world: World): Promise<void> {
  const parts: ExportParts = world;
  const acts = exchangeActions(parts);
  const as = actingIn(world);
  const there = await as('per_lan', (caller) => acts['communities.list']({}, caller));
  if (there === null || there.items.length > 0) return;
  await community(acts, as);
  await words(acts, as);
  await requests(acts, as);
  await lists(parts, acts, as);
}

async function community(acts: Acts, as: As): Promise<void> {
  const opened = await as('per_lan', (caller) => acts['communities.open']({
    title: 'Ports and shipping', description: 'What those who guard ports and freight see, without a word on who saw it.', alias: 'ports', ceiling: 'GREEN',
    types: null,
  }, caller));
  for (const agreement of ['agr_kestrel', 'agr_meridian']) {
    if (opened) await as('per_lan', (caller) => acts['communities.admit']({ community: opened.community.id, agreement }, caller));
  }
}

/** What became of indicators where they were used. */
async function words(acts: Acts, as: As): Promise<void> {
  const said = [
    ['per_lan', 200, 'useful', 'blocked', 'Blocked at the exchange point; two ports had asked for it.'],
    ['per_lan', 201, 'useful', 'notified', ''],
    ['per_lan', 202, 'useful', 'blocked', ''],
    ['per_lan', 203, 'not-useful', 'none', 'Not seen anywhere in the country in thirty days.'],
    ['per_lan', 204, 'false', 'investigated', 'The address of a mirror of free software.'],
    ['per_keller', 20, 'useful', 'blocked', ''],
    ['per_keller', 10, 'useful', 'investigated', 'Led to a second server of the same hand.'],
    ['per_keller', 12, 'false', 'none', 'A name of ours, in a test.'],
  ] as const;
  for (const [person, n, outcome, action, note] of said) {
    await as(person, (caller) => acts['threats.setOutcome']({ object: idOf('indicator', n), outcome, action, note }, caller));
  }
}

/** One request that its source answered, one that waits. */
async function requests(acts: Acts, as: As): Promise<void> {
  const first = await as('per_lan', (caller) => acts['reshares.ask']({
    object: idOf('indicator', 200), with: 'org_meridian', reason: 'Their platform can block the address for every customer in the country.',
  }, caller));
  if (first) {
    await as('per_keller', (caller) => acts['reshares.answer']({
      request: first.request.id, granted: true, days: 30, note: 'Please leave our name out.',
    }, caller));
  }
  await as('per_lan', (caller) => acts['reshares.ask']({
    object: idOf('malware', 200), with: 'public', reason: 'The campaign for port operators should name the family.',
  }, caller));
}

async function lists(parts: ExportParts, acts: Acts, as: As): Promise<void> {
  const opened = await as('per_keller', (caller) => acts['blindlists.open']({
    agreement: 'agr_kestrel', title: 'Servers of customers under attack', contact: 'duty desk of Kestrel, +41 44 555 01 00',
  }, caller));
  if (opened) {
    const values = ['203.0.113.90', '203.0.113.91', 'mail.quay.example', 'files.quay.example', 'gate.harbour.example'];
    const add = values.flatMap((text) => {
      const value = readValue(text);
      return value ? [blindKeyOf(Buffer.from(opened.secret, 'hex'), value.kind, value.value)] : [];
    });
    await as('per_keller', (caller) => acts['blindlists.change']({ blindlist: opened.list.id, add, remove: [] }, caller));
    // Somebody looks one of them up: its owner sees that it was found, and not by whom.
    await as('per_lan', (caller) => acts['threats.lookUp']({ values: ['gate.harbour[.]example'], all: true }, caller));
  }
  const harmless = { name: 'Public resolvers and mirrors', version: 20260601, description: 'Addresses that are asked by everybody.', type: 'cidr',
    list: ['192.0.2.53/32', '198.51.100.200/29'], matching_attributes: ['ip-src', 'ip-dst'] };
  await as('per_lan', (caller) => putList(parts, (async function* () { yield Buffer.from(JSON.stringify(harmless)); })(), caller));
}
