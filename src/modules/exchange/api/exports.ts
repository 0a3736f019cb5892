/** Exports for one's own tools: chosen, looked at, released, fetched by machines, taken back, ended. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Export, LeftOutShown, Release, Selection } from '../model/exports.ts';
import { TlpLabel } from '../model/exchange.ts';
import { leavingReasons } from '#kit/export/export';

const Id = z.string().min(1).max(60);
const Why = z.string().trim().min(3).max(300);
const Number31 = z.coerce.number().int().min(1).max(2_147_483_647);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const making = { right: 'export.make', by: 'mandate', ownToo: true } as const;
const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;
const own = { right: 'export.list', by: 'role' } as const;
const changing = { right: 'export.make', by: 'role' } as const;

export const exportsApi = {
  'exports.list': endpoint({
    method: 'GET', path: '/api/exports', summary: 'One’s exports, with the release that is given now.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(z.strictObject({ export: Export, release: Release.nullable() })) }), needs: own,
  }),
  'exports.view': endpoint({
    method: 'GET', path: '/api/exports/:export', summary: 'One export with its releases, the newest first.',
    input: z.strictObject({ export: Id, before: Number31.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    output: z.strictObject({ export: Export, items: z.array(Release), next: z.number().int().nullable() }), needs: own,
  }),
  'exports.preview': endpoint({
    method: 'POST', path: '/api/exports/preview',
    summary: 'What an export would give now: how many values, what is left out and why, and its beginning. Nothing is kept.',
    input: z.strictObject({ ...Selection.shape, title: z.string().max(120).default('') }),
    output: z.strictObject({
      count: z.number().int(), tlp: TlpLabel, endsAt: z.iso.datetime(), leftOut: z.array(LeftOutShown),
      some: z.array(z.strictObject({ what: z.string(), reason: z.enum(leavingReasons), by: z.string() })), beginning: z.string(), whole: z.boolean(),
    }),
    needs: making,
  }),
  'exports.open': endpoint({
    method: 'POST', path: '/api/exports', status: 201, summary: 'Begins an export; it gives nothing until its first release.',
    input: z.strictObject({ ...Selection.shape, title: z.string().trim().min(1).max(120) }), output: z.strictObject({ export: Export }), needs: changing,
  }),
  'exports.release': endpoint({
    method: 'POST', path: '/api/exports/:export/releases', status: 201,
    summary: 'Makes a release of what is there now. An empty one, a very large one or one that changes much is held for a second person.',
    input: z.strictObject({ export: Id }), output: z.strictObject({ release: Release }), needs: making,
  }),
  'exports.give': endpoint({
    method: 'POST', path: '/api/exports/:export/releases/:number/give', summary: 'Gives a release that was held. A second person agrees to exactly its bytes.',
    input: z.strictObject({ export: Id, number: Number31, sha256: Sha256, reason: Why }), output: z.strictObject({ release: Release }),
    needs: { ...changing, approval: { from: 'own-organisation', right: 'export.approve', when: 'always' } },
  }),
  'exports.rollBack': endpoint({
    method: 'POST', path: '/api/exports/:export/rollback',
    summary: 'Gives the bytes of an earlier release again, until its end; of a zone all but the serial.',
    input: z.strictObject({ export: Id, number: Number31, reason: Why }), output: z.strictObject({ release: Release }), needs: changing,
  }),
  'exports.end': endpoint({
    method: 'POST', path: '/api/exports/:export/end', summary: 'Ends an export: nothing of it is given any more.',
    input: z.strictObject({ export: Id, reason: Why }), output: z.strictObject({ export: Export }), needs: changing,
  }),
  'exports.current': raw(endpoint({
    method: 'GET', path: '/api/exports/:export/current',
    summary: 'The release that is given now, as machines take it, with a strong ETag; one past its end is made anew first.',
    input: z.strictObject({ export: Id }), output: z.strictObject({}), needs: reading,
  })),
  'exports.file': raw(endpoint({
    method: 'GET', path: '/api/exports/:export/releases/:number/file', summary: 'The bytes of one release, held ones too, to be looked at.',
    input: z.strictObject({ export: Id, number: Number31 }), output: z.strictObject({}), needs: reading,
  })),
} as const;
