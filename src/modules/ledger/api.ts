/**
 * What one may ask of the ledger. Checkpoint, tiles and proofs are public, since they hold no content; facts are read
 * by the organisations named among their readers. Acts state facts, the sequencer appends them; what changes
 * the ledger itself is done by the organisation that runs the hub, and by two of its people.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { maxSample } from '#kit/sample/sample';
import {
  eraseSchema, factSchema, inclusionSchema, indexSchema, ledgerStatusSchema, logKeysSchema, openedFactSchema, witnessesSchema,
} from './model.ts';

const index = z.coerce.number<number | string>().pipe(indexSchema);

export const ledgerApi = {
  status: endpoint({
    method: 'GET',
    path: '/api/ledger/status',
    summary: 'The log: its name, its key, and the tree that its current checkpoint signs.',
    input: z.strictObject({}),
    output: ledgerStatusSchema,
    needs: { right: 'ledger.read', by: 'public' },
  }),
  witnesses: endpoint({
    method: 'GET',
    path: '/api/ledger/witnesses',
    summary: 'Who cosigns the log, how far each has come, and what it said last.',
    input: z.strictObject({}),
    output: witnessesSchema,
    needs: { right: 'ledger.read', by: 'public' },
  }),
  keys: endpoint({
    method: 'GET',
    path: '/api/ledger/keys',
    summary: 'The keys with which the log has signed, and which of them sign no more.',
    input: z.strictObject({}),
    output: logKeysSchema,
    needs: { right: 'ledger.read', by: 'public' },
  }),
  day: endpoint({
    method: 'GET',
    path: '/api/ledger/day',
    summary: 'The signed totals of a day: how many facts of each class, over leaves that anyone can count again.',
    input: z.strictObject({ day: z.iso.date() }),
    output: z.strictObject({ day: z.string(), note: z.string() }),
    needs: { right: 'ledger.read', by: 'public' },
  }),
  rotateKey: endpoint({
    method: 'POST',
    path: '/api/ledger/rotate-key',
    summary: 'Gives the log a new key: both sign the checkpoint over this fact, then the old one is destroyed.',
    input: z.strictObject({}),
    output: z.strictObject({ vkey: z.string(), before: z.string() }),
    needs: {
      right: 'ledger.rotate-key', by: 'role', approval: { from: 'own-organisation', right: 'ledger.rotate-key', when: 'always' }, fresh: true,
    },
  }),
  'subjects.erase': endpoint({
    method: 'POST',
    path: '/api/ledger/erase',
    summary: 'Erases what the ledger knows of a subject: its key and the openings made with it. The leaves stay.',
    input: eraseSchema,
    output: z.strictObject({ facts: z.number().int() }),
    needs: { right: 'subject.erase', by: 'role', approval: { from: 'own-organisation', right: 'subject.erase', when: 'always' }, fresh: true },
  }),
  prove: endpoint({
    method: 'GET',
    path: '/api/ledger/proof/:index',
    summary: 'Proof that a leaf is in the tree of the current checkpoint.',
    input: z.strictObject({ index }),
    output: inclusionSchema.extend({
      /** The exact bytes of the leaf, as text. */
      leaf: z.string(),
      checkpoint: z.string(),
    }),
    needs: { right: 'ledger.read', by: 'public' },
  }),
  list: endpoint({
    method: 'GET',
    path: '/api/facts',
    summary: 'Facts that your organisation may read, newest first.',
    input: z.strictObject({
      /** Exact class, `agreement.signed`, or a noun and a dot for all of it, `agreement.`. */
      class: z.string().max(100).optional(),
      subject: z.string().max(200).optional(),
      /** At or after, RFC 3339 UTC. */
      from: z.iso.datetime().optional(),
      /** Before, RFC 3339 UTC. */
      to: z.iso.datetime().optional(),
      /** Only facts below this index: the `next` of the page before. */
      before: index.optional(),
      limit: z.coerce.number<number | string>().pipe(z.number().int().min(1).max(200)).optional(),
    }),
    output: z.strictObject({
      facts: z.array(factSchema),
      /** Pass as `before` for the next page; null on the last. */
      next: indexSchema.nullable(),
    }),
    needs: { right: 'fact.list', by: 'role' },
  }),
  view: endpoint({
    method: 'GET',
    path: '/api/facts/:index',
    summary: 'One fact with its opening and proof, so that the reader can check it alone.',
    input: z.strictObject({ index }),
    output: openedFactSchema,
    needs: { right: 'fact.view', by: 'role' },
  }),
  checkpoint: raw(endpoint({
    method: 'GET',
    path: '/ledger/checkpoint',
    summary: 'The signed checkpoint (C2SP tlog-checkpoint).',
    input: z.strictObject({}),
    output: z.string(),
    needs: { right: 'ledger.read', by: 'public' },
  })),
  tile: raw(endpoint({
    method: 'GET',
    path: '/ledger/tile/*',
    summary: 'Tiles and entry bundles that the current checkpoint implies (C2SP tlog-tiles).',
    input: z.strictObject({}),
    output: z.string(),
    needs: { right: 'ledger.read', by: 'public' },
  })),
  export: raw(endpoint({
    method: 'GET',
    path: '/api/ledger/bundle',
    ticket: true,
    summary: 'The whole ledger with the openings that your organisation may read, for `entente verify`.',
    input: z.strictObject({}),
    output: z.string(),
    needs: { right: 'ledger.export', by: 'role' },
  })),
  sample: raw(endpoint({
    method: 'GET',
    path: '/api/ledger/sample',
    summary: 'Leaves that the checkpoint itself draws, with proofs and the openings that your organisation may read.',
    input: z.strictObject({ count: z.coerce.number<number | string>().pipe(z.number().int().min(1).max(maxSample)) }),
    output: z.string(),
    needs: { right: 'ledger.export', by: 'role' },
  })),
} as const;

export type LedgerApi = typeof ledgerApi;
