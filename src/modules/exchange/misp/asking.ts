/** Who asks, what they reach, and what is named in an address: what every part of the façade begins with. */
import type { Caller } from '#kit/endpoint';
import type { Org } from '#kit/misp/model';
import { noSuch } from '#kit/refusal';
import { organisationById } from '#modules/parties/index';
import type { ExchangeParts } from '../actions/parts.ts';
import { wholeReach, type Reach } from '../gate.ts';
import { thingNamed, type Shown } from './events.ts';
import { withEvents, type FoundAttribute } from './search.ts';
import { orgUuid } from './storing.ts';

/** One's own is asked for too, so that no answer by mandate goes without. */
export const oneself = (caller: Caller) => caller.may('threat.read', {
  owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'event',
});

export async function reachOf({ db }: ExchangeParts, caller: Caller): Promise<Reach> {
  await oneself(caller);
  return wholeReach(db, caller);
}

/** Organisations as MISP knows them, each looked up once. */
export function orgsOf({ db }: ExchangeParts): (id: string) => Promise<Org> {
  const found = new Map<string, Org>();
  return async (id) => {
    const there = found.get(id) ?? { uuid: orgUuid(id), name: (await organisationById(db, id))?.name ?? id };
    found.set(id, there);
    return there;
  };
}

/** What others share goes no further than to whoever reads it: in MISP's words, to one's own organisation only. */
export const asRead = (shown: Shown, org: string): Shown => (shown.holder === org ? shown : { ...shown, event: { ...shown.event, distribution: 0 } });

/** One attribute by number or uuid, alone or in an object. */
export async function attributeNamed(parts: ExchangeParts, reach: Reach, org: string, name: string): Promise<FoundAttribute> {
  const { held, part } = await thingNamed(parts.db, reach, org, name, 'attribute');
  const [found] = await withEvents(parts.db, reach, [held]);
  const [alone] = found?.attributes ?? [];
  const inner = found?.objects.flatMap((o) => o.attributes.map((attribute) => ({ attribute, uuid: o.uuid }))).find(({ attribute }) => attribute.uuid === part);
  if (part === null && alone) return { attribute: alone, id: held.obj, object: null, event: found?.event ?? null, holder: held.scope };
  if (inner) return { attribute: inner.attribute, id: null, object: { id: held.obj, uuid: inner.uuid }, event: found?.event ?? null, holder: held.scope };
  throw noSuch('attribute');
}
