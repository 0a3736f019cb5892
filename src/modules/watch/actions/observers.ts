/** The register of observers: who watches from where, with which key. */
import { toBase64 } from '#kit/encoding';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { publicKeyOf } from '#kit/signature/profile';
import { stateFact } from '#world/facts';
import { givesRight } from '#modules/parties/index';
import type { watchApi } from '../api.ts';
import { channelsWithin } from '../gate.ts';
import type { WatchParts } from '../parts.ts';
import { endObserver, insertObserver, observersNamed, observersOf, type ObserverRecord } from '../store/channels.ts';
import { channelsWatched, currentRuns } from '../store/runs.ts';
import { observersShown } from './shown.ts';

type All = Actions<typeof watchApi>;

export function observerActs(parts: WatchParts): Pick<All, `observers.${'list' | 'register' | 'end'}`> {
  const { db, clock } = parts;
  const shown = async (org: string, id: string) => {
    const [observer] = await observersShown(db, (await observersOf(db, org)).filter((o) => o.id === id), await channelsWatched(db), org);
    if (!observer) throw noSuch('observer');
    return { observer };
  };
  return {
    'observers.list': async (_, caller) => {
      const { org, roles } = caller.actor;
      const { channels } = await channelsWithin(parts, caller);
      const runs = await currentRuns(db, channels.map(({ channel }) => channel.id));
      const own = await observersOf(db, org);
      const others = (await observersNamed(db, runs.map((r) => r.observer))).filter((o) => o.org !== org);
      return { items: await observersShown(db, [...own, ...others], await channelsWatched(db), org), mayRegister: givesRight(roles, 'observer.register') };
    },
    'observers.register': async ({ name, country, network, keyid, publicKey }, { actor }) => {
      const bytes = publicKeyOf(publicKey);
      if (bytes === null) throw new Refusal('invalid', 'observer.key-form', 'This is no public Ed25519 key as JWK, PEM or base64.', { at: 'publicKey' });
      const observer: ObserverRecord = {
        id: parts.ids.next('obs'), org: actor.org, name, country, network, keyid, publicKey: toBase64(bytes), registeredAt: clock.iso(),
        registeredBy: actor.person, endedAt: null, lastAt: null, skewMs: null,
      };
      await db.transaction(async (tx) => {
        // Said alike of one's own and of another's key: whose it is is nobody's business.
        if (!await insertObserver(tx, observer)) throw new Refusal('conflict', 'observer.key-taken',
          'A key of that name, or that very key, is registered.', { at: 'keyid' });
        await stateFact(tx, {
          class: 'observer.registered', at: observer.registeredAt, actor: actor.person, org: actor.org, subject: observer.id, readers: [], clauses: [],
          body: { observer: observer.id, name, country, network, keyid, publicKey: observer.publicKey },
        });
      });
      return shown(actor.org, observer.id);
    },
    'observers.end': async ({ observer: id }, { actor }) => {
      const at = clock.iso();
      if (!(await observersOf(db, actor.org)).some((o) => o.id === id)) throw noSuch('observer');
      await db.transaction(async (tx) => {
        if (!await endObserver(tx, actor.org, id, at)) throw new Refusal('conflict', 'observer.ended', 'This observer has ended.');
        await stateFact(tx, {
          class: 'observer.ended', at, actor: actor.person, org: actor.org, subject: id, readers: [], clauses: [], body: { observer: id },
        });
      });
      return shown(actor.org, id);
    },
  };
}
