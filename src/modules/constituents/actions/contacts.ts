/** Contacts: the centre keeps them, the constituent confirms and mends its own. Each act is a fact both may read. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { contactsApi } from '../api/contacts.ts';
import { contactStates, type Contact, type NewContact } from '../model/contacts.ts';
import { reachableOwners } from '../rules/contacts.ts';
import { contactsOf, insertContact, markContact } from '../store/contacts.ts';
import { constituentNames } from '../store/registry.ts';
import { mine, ownSide, state, stateOwn, type ConstituentsParts, type OwnSide } from './parts.ts';

type All = Actions<typeof contactsApi>;

/** Contacts of one constituent; more are no contacts but a mailing list. */
const mostContacts = 50;

export function contactActions(parts: ConstituentsParts): Pick<
  All, 'contacts' | 'addContact' | 'removeContact' | 'allContacts' | 'addMyContact' | 'confirmMyContact' | 'removeMyContact'
> {
  return { ...kept(parts), ...own(parts) };
}

async function add(
  parts: ConstituentsParts, tx: Queryable, scope: string, constituent: string, given: NewContact, confirmed: boolean,
): Promise<Contact> {
  const there = await contactsOf(tx, scope, [constituent], parts.clock.now());
  if (there.some((c) => c.email.toLowerCase() === given.email.toLowerCase() && c.duty === given.duty)) {
    throw new Refusal('conflict', 'contact.already-there', 'This address is a contact for that duty already.', { at: 'email' });
  }
  if (there.length >= mostContacts) throw new Refusal('conflict', 'contact.too-many', `At most ${mostContacts} contacts each.`);
  const at = parts.clock.iso();
  const contact = { ...given, id: parts.ids.next('cnt'), constituent, addedAt: at, confirmedAt: confirmed ? at : null };
  await insertContact(tx, scope, contact);
  return { ...contact, bouncedAt: null, bounceReason: null, state: confirmed ? 'fresh' : 'unconfirmed' };
}

/** What a fact says of a contact: never the address. */
const said = ({ id, duty, constituent }: Contact): Record<string, string> => ({ contact: id, duty, constituent });

function kept(parts: ConstituentsParts): Pick<All, 'contacts' | 'addContact' | 'removeContact' | 'allContacts'> {
  const { db, clock } = parts;
  return {
    contacts: async (input, { actor }) => {
      const constituent = await mine(parts, db, actor, input.constituent);
      return { contacts: await contactsOf(db, actor.org, [constituent.id], clock.now()) };
    },
    addContact: async ({ constituent: id, ...given }, { actor }) => db.transaction(async (tx) => {
      const constituent = await mine(parts, tx, actor, id);
      const contact = await add(parts, tx, actor.org, constituent.id, given, false);
      await state(parts, tx, actor, constituent, 'contact.added', said(contact));
      return { contact };
    }),
    removeContact: async (input, { actor }) => db.transaction(async (tx) => {
      const constituent = await mine(parts, tx, actor, input.constituent);
      const contacts = await contactsOf(tx, actor.org, [constituent.id], clock.now());
      const found = contacts.find((c) => c.id === input.contact);
      if (!found) throw noSuch('contact');
      await markContact(tx, actor.org, found.id, { removed_at: clock.iso() });
      await state(parts, tx, actor, constituent, 'contact.removed', said(found));
      return { contacts: contacts.filter((c) => c !== found) };
    }),
    allContacts: async (input, { actor }) => {
      const names = await constituentNames(db, actor.org);
      const nameOf = new Map([...names].map(([name, id]) => [id, name]));
      const all = await contactsOf(db, actor.org, null, clock.now());
      const reached = new Set(reachableOwners(all));
      const unreachable = [...nameOf].filter(([id]) => !reached.has(id))
        .map(([id, name]) => ({ id, name }));
      return {
        contacts: all.filter((c) => input.state === undefined || c.state === input.state)
          .map((c) => ({ ...c, constituentName: nameOf.get(c.constituent) ?? c.constituent })),
        counts: Object.fromEntries(contactStates.map((s) => [s, all.filter((c) => c.state === s).length])) as Record<Contact['state'], number>,
        constituents: nameOf.size, reachable: nameOf.size - unreachable.length, unreachable,
      };
    },
  };
}

/** One's own contact of that id, within the transaction that changes it. */
async function ownContact(parts: ConstituentsParts, tx: Queryable, side: OwnSide, id: string): Promise<Contact> {
  const found = (await contactsOf(tx, side.scope, side.constituents.map((c) => c.id), parts.clock.now())).find((c) => c.id === id);
  if (!found) throw noSuch('contact');
  return found;
}

const answer = (parts: ConstituentsParts, caller: Caller): Promise<OwnSide> =>
  ownSide(parts, caller, 'notice.answer', 'notice', 'contact');

function own(parts: ConstituentsParts): Pick<All, 'addMyContact' | 'confirmMyContact' | 'removeMyContact'> {
  const { db, clock } = parts;
  const change = (
    caller: Caller, id: string, what: string, marks: () => Parameters<typeof markContact>[3],
  ): Promise<{ side: OwnSide; contact: Contact }> => answer(parts, caller).then((side) => db.transaction(async (tx) => {
    const contact = await ownContact(parts, tx, side, id);
    await markContact(tx, side.scope, contact.id, marks());
    await stateOwn(parts, tx, caller, side, contact.constituent, what, said(contact));
    return { side, contact };
  }));
  return {
    addMyContact: async ({ constituent, ...given }, caller) => {
      const side = await answer(parts, caller);
      return db.transaction(async (tx) => {
        const contact = await add(parts, tx, side.scope, chosen(side, constituent), given, true);
        await stateOwn(parts, tx, caller, side, contact.constituent, 'contact.added', said(contact));
        return { contact };
      });
    },
    confirmMyContact: async (input, caller) => {
      const { contact } = await change(caller, input.contact, 'contact.confirmed',
        () => ({ confirmed_at: clock.iso(), bounced_at: null, bounce_reason: null }));
      return { contact: { ...contact, confirmedAt: clock.iso(), bouncedAt: null, bounceReason: null, state: 'fresh' as const } };
    },
    removeMyContact: async (input, caller) => {
      const { side } = await change(caller, input.contact, 'contact.removed', () => ({ removed_at: clock.iso() }));
      return { contacts: await contactsOf(db, side.scope, side.constituents.map((c) => c.id), clock.now()) };
    },
  };
}

/** The constituent that is meant: the named one of the own side, or the only one. */
export function chosen(side: OwnSide, id: string | undefined): string {
  const found = id === undefined ? side.constituents[0] : side.constituents.find((c) => c.id === id);
  if (!found) throw noSuch('constituent');
  if (id === undefined && side.constituents.length > 1) {
    throw new Refusal('invalid', 'constituent.which', 'Your organisation speaks for several; say for which.', { at: 'constituent' });
  }
  return found.id;
}
