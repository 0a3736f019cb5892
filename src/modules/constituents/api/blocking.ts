/**
 * What one may ask of blocking lists. The centre's own by role; what firewalls and resolvers of the constituents fetch by the
 * clause that lets them. What collides with a guard takes two people, and so does whatever makes a guard weaker.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import {
  BlockingEntry, BlockingLabel, BlockingList, BlockingListShown, BlockingPurpose, BlockingReaders, Edition, EditionFormat, EntryState,
  GuardKind, GuardList, LineVerdict,
} from '../model/blocking.ts';
import { Moment } from '../model/registry.ts';

const Id = z.string().min(1).max(60);
const Ids = z.array(Id).max(500);
const Why = z.string().trim().min(3).max(500);
const Number31 = z.coerce.number().int().min(1).max(2_147_483_647);
/** Ten thousand lines of the longest name. */
const Lines = z.string().min(1).max(2_700_000);

export const NewList = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/), title: z.string().trim().min(1).max(200), purpose: BlockingPurpose,
  tlp: BlockingLabel.default('GREEN'), readers: BlockingReaders.default('constituents'), constituents: Ids.default([]),
});
const NewEntries = z.strictObject({ lines: Lines, ground: Why, reason: Why, source: Why, expiresAt: Moment });
/** An entry as whoever agrees to it sees it: what it is, by what right, until when, and what it collides with. */
const Agreeing = z.strictObject({
  value: z.string().min(1).max(300), ground: z.string().max(500), expiresAt: z.iso.datetime(),
  collides: z.array(z.string().max(600)).max(200),
});
const Shown = z.strictObject({ list: BlockingListShown });
const Counts = z.strictObject({
  ok: z.number().int(), 'second-person': z.number().int(), there: z.number().int(), refused: z.number().int(),
});
const Change = z.strictObject({ id: z.string(), value: z.string(), expiresAt: z.iso.datetime() });

const reading = { right: 'blocklist.list', by: 'role' } as const;
const changing = { right: 'blocklist.change', by: 'role' } as const;
const guarding = { right: 'blocklist.guard', by: 'role' } as const;
const always = { from: 'own-organisation', right: 'blocklist.approve', when: 'always' } as const;
const sometimes = { from: 'own-organisation', right: 'blocklist.approve', when: 'sometimes' } as const;
const pulling = { right: 'blocklist.pull', by: 'mandate', agreedBy: 'blocklist.agree' } as const;

export const blockingApi = {
  blocklists: endpoint({
    method: 'GET', path: '/api/blocking-lists',
    summary: 'The blocking lists with what stands in them, what ends next, and which are switched off.',
    input: z.strictObject({}), output: z.strictObject({ lists: z.array(BlockingListShown) }), needs: reading,
  }),
  createBlocklist: endpoint({
    method: 'POST', path: '/api/blocking-lists',
    summary: 'Begins a blocking list, empty, with its purpose, its marking and who may read it.',
    input: NewList, output: Shown, needs: changing, status: 201,
  }),
  blocklist: endpoint({
    method: 'GET', path: '/api/blocking-lists/:list', summary: 'One blocking list and its entries, the newest first.',
    input: z.strictObject({
      list: Id, state: EntryState.optional(), q: z.string().max(200).optional(), colliding: z.enum(['yes']).optional(),
      cursor: z.string().max(60).optional(), limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    output: z.strictObject({ list: BlockingListShown, items: z.array(BlockingEntry), next: z.string().nullable() }), needs: reading,
  }),
  previewEntries: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/entries/preview',
    summary: 'Says of each line whether it would be added, would wait for a second person and why, or would be refused. Nothing is added.',
    input: z.strictObject({ list: Id, ...NewEntries.shape }), output: z.strictObject({ lines: z.array(LineVerdict), counts: Counts }),
    needs: changing,
  }),
  addEntries: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/entries',
    summary: 'Adds entries, one a line: all or, where a line is refused, none. What collides with a guard waits for a second person.',
    input: z.strictObject({ list: Id, ...NewEntries.shape }),
    output: z.strictObject({ added: z.number().int(), waiting: z.array(LineVerdict), there: z.number().int(), edition: Edition }),
    needs: changing, status: 201,
  }),
  activateEntries: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/activate',
    summary: 'Lets entries that wait onto the list. A second person agrees to exactly these, with what each collides with.',
    input: z.strictObject({ list: Id, entries: z.array(Agreeing).min(1).max(500), reason: Why }),
    output: z.strictObject({ activated: z.number().int(), edition: Edition }), needs: { ...changing, approval: always },
  }),
  removeEntry: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/entries/:entry/remove', summary: 'Takes an entry off, with the reason.',
    input: z.strictObject({ list: Id, entry: Id, reason: Why }),
    output: z.strictObject({ entry: BlockingEntry, edition: Edition }), needs: changing,
  }),
  extendEntry: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/entries/:entry/extend',
    summary: 'Gives an entry another end, with the reason. Where it collides with a guard by now a second person agrees.',
    input: z.strictObject({ list: Id, entry: Id, reason: Why, expiresAt: Moment }),
    output: z.strictObject({ entry: BlockingEntry, edition: Edition }), needs: { ...changing, approval: sometimes },
  }),
  blocklistEditions: endpoint({
    method: 'GET', path: '/api/blocking-lists/:list/editions', summary: 'What was served when, edition by edition, the newest first.',
    input: z.strictObject({ list: Id, before: Number31.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    output: z.strictObject({ items: z.array(Edition), next: z.number().int().nullable() }), needs: reading,
  }),
  compareEdition: endpoint({
    method: 'GET', path: '/api/blocking-lists/:list/editions/:edition',
    summary: 'What going back to an earlier edition would change, what of it has ended since, and how many people it takes.',
    input: z.strictObject({ list: Id, edition: Number31 }),
    output: z.strictObject({
      edition: Edition, back: z.array(Change), gone: z.number().int(), expired: z.array(Change), collides: z.array(LineVerdict),
      hands: z.union([z.literal(1), z.literal(2)]),
    }),
    needs: reading,
  }),
  rollBack: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/rollback',
    summary: 'Serves the bytes of an earlier edition again. Where some of its entries have ended since, only without them, if one says so.',
    input: z.strictObject({ list: Id, edition: Number31, reason: Why, without: z.literal('expired').optional() }),
    output: z.strictObject({ edition: Edition, without: z.array(Change) }), needs: { ...changing, approval: sometimes },
  }),
  killBlocklist: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/kill', summary: 'The kill switch: from now on the list is served empty.',
    input: z.strictObject({ list: Id, reason: Why }), output: z.strictObject({ list: BlockingList, edition: Edition }),
    needs: { right: 'blocklist.kill', by: 'role' },
  }),
  liftBlocklist: endpoint({
    method: 'POST', path: '/api/blocking-lists/:list/lift',
    summary: 'Switches the list on again: what stands in it is served. Takes two people.',
    input: z.strictObject({ list: Id, reason: Why }), output: z.strictObject({ list: BlockingList, edition: Edition }),
    needs: { right: 'blocklist.kill', by: 'role', approval: always },
  }),
  guards: endpoint({
    method: 'GET', path: '/api/blocking-guards', summary: 'The guard lists: which hold, which were uploaded and wait to be taken.',
    input: z.strictObject({}), output: z.strictObject({ guards: z.array(GuardList) }), needs: reading,
  }),
  uploadGuard: raw(endpoint({
    method: 'POST', path: '/api/blocking-guards', upload: true,
    summary: 'Uploads a guard list as text, one name, address or prefix a line: 32 MB and a million lines at most. It holds once taken.',
    input: z.strictObject({ kind: GuardKind, file: z.string().max(200).optional() }),
    output: z.strictObject({ guard: GuardList }), needs: guarding, status: 201,
  })),
  adoptGuard: endpoint({
    method: 'POST', path: '/api/blocking-guards/:guard/adopt',
    summary: 'Lets an uploaded guard list take the place of the one of its kind. Where it lacks what that one has, a second person agrees.',
    input: z.strictObject({ guard: Id, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    output: z.strictObject({ guard: GuardList, lacks: z.number().int(), colliding: z.number().int() }),
    needs: { ...guarding, approval: sometimes },
  }),
  blocklistEdition: raw(endpoint({
    method: 'GET', path: '/api/blocking-lists/:list/edition',
    summary: 'The list as machines take it: plain, rpz, hosts or json, with a strong ETag; the number is in the header entente-edition.',
    input: z.strictObject({ list: Id, format: EditionFormat.default('plain') }), output: z.strictObject({}), needs: pulling,
  })),
  myBlocklists: endpoint({
    method: 'GET', path: '/api/my/blocking-lists', summary: 'The blocking lists that one may fetch.',
    input: z.strictObject({}),
    output: z.strictObject({ lists: z.array(z.strictObject({
      id: z.string(), name: z.string(), title: z.string(), purpose: BlockingPurpose, tlp: BlockingLabel, edition: z.number().int(),
      entries: z.number().int(), madeAt: z.iso.datetime(),
    })) }),
    needs: pulling,
  }),
} as const;
