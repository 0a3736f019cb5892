/** Rebuilders: registering a key with two people, and retiring it. A name and a key are taken once and for ever. */
import { createPublicKey } from 'node:crypto';
import type { Actions, Actor } from '#kit/endpoint';
import { fromBase64, toBase64 } from '#kit/encoding';
import { noSuch, Refusal } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { givesRight } from '#modules/parties/index';
import type { buildsApi } from '../api.ts';
import type { Rebuilder } from '../model.ts';
import { allRebuilders, insertRebuilder, noteRetired, rebuilderOf, standingBy, type RebuilderRow } from '../store/rebuilders.ts';
import { namesOf, type BuildsParts } from './parts.ts';

type All = Actions<typeof buildsApi>;

async function shown(q: Queryable, rows: readonly RebuilderRow[], org: string): Promise<Rebuilder[]> {
  const [names, standing] = [await namesOf(q, rows.map((r) => r.org)), await standingBy(q)];
  return rows.map((r) => ({
    id: r.id, org: r.org, orgName: names.get(r.org) ?? r.org, mine: r.org === org, name: r.name, publicKey: r.public_key, machine: r.machine,
    registeredAt: r.registered_at, retiredAt: r.retired_at, retiredWhy: r.retired_why, verdicts: standing.get(r.id) ?? 0,
  }));
}

/** The 32 bytes of an Ed25519 key in base64; null where it is none. */
export function keyBytes(words: string): string | null {
  if (/^[A-Za-z0-9+/]{43}=$/.test(words)) {
    const raw = fromBase64(words);
    return raw?.length === 32 ? toBase64(raw) : null;
  }
  try {
    const { x, crv } = createPublicKey(words).export({ format: 'jwk' });
    return crv === 'Ed25519' && x !== undefined ? toBase64(new Uint8Array(Buffer.from(x, 'base64url'))) : null;
  } catch {
    return null;
  }
}

export function rebuilderActs(parts: BuildsParts): Pick<All, 'rebuilders.list' | 'rebuilders.register' | 'rebuilders.retire'> {
  const { db, clock, ids } = parts;
  const state = (tx: Queryable, actor: Actor, name: string, subject: string, body: Record<string, Json>): Promise<void> =>
    stateFact(tx, { class: name, at: clock.iso(), actor: actor.person, org: actor.org, subject, readers: [], clauses: [], body });
  const one = async (row: RebuilderRow, org: string): Promise<{ rebuilder: Rebuilder }> => {
    const [rebuilder] = await shown(db, [row], org);
    if (!rebuilder) throw noSuch('rebuilder');
    return { rebuilder };
  };
  return {
    'rebuilders.list': async (_, { actor }) =>
      ({ items: await shown(db, await allRebuilders(db), actor.org), mayRegister: givesRight(actor.roles, 'rebuilder.register') }),
    'rebuilders.register': async ({ name, publicKey, machine }, { actor, approved }) => {
      const key = keyBytes(publicKey);
      if (key === null) {
        throw new Refusal('invalid', 'rebuilder.key', 'This is no Ed25519 public key.', { at: 'publicKey', hint: 'PEM, or its 32 bytes in base64.' });
      }
      const row = await db.transaction(async (tx) => {
        const { by } = await approved(tx);
        const made: RebuilderRow = {
          id: ids.next('rbr'), org: actor.org, name, public_key: key, machine, registered_at: clock.iso(), registered_by: actor.person, approved_by: by,
          retired_at: null, retired_why: null,
        };
        if (!await insertRebuilder(tx, made)) {
          throw new Refusal('conflict', 'rebuilder.taken', 'A rebuilder of this name or with this key is, or was, registered.', { at: 'name' });
        }
        await state(tx, actor, 'rebuilder.registered', made.id, { rebuilder: made.id, name, key, machine, agreedBy: by });
        return made;
      });
      return one(row, actor.org);
    },
    'rebuilders.retire': async ({ rebuilder: id, reason }, { actor }) => {
      const at = clock.iso();
      const row = await db.transaction(async (tx) => {
        const found = await rebuilderOf(tx, actor.org, id);
        if (!found) throw noSuch('rebuilder');
        if (!await noteRetired(tx, actor.org, id, at, reason)) throw new Refusal('conflict', 'rebuilder.retired', 'This rebuilder is retired.');
        await state(tx, actor, 'rebuilder.retired', id, { rebuilder: id, name: found.name, reason });
        return { ...found, retired_at: at, retired_why: reason };
      });
      return one(row, actor.org);
    },
  };
}
