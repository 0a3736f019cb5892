/** What one may ask of the registry. All by role: it is the centre's own record; constituents see their exposure elsewhere. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Asset, Constituent, ConstituentKind, ImportPreview, NewAsset, NewConstituent, ProofKind } from '../model/registry.ts';

const Id = z.string().min(1).max(60);
const Csv = z.strictObject({ csv: z.string().min(1).max(20_000_000) });

export const registryApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/constituents',
    summary: 'The registry: organisations by name, with how many assets each has now.',
    input: z.strictObject({
      q: z.string().max(200).optional(),
      kind: ConstituentKind.optional(),
      cursor: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    output: z.strictObject({ items: z.array(Constituent), next: z.string().nullable(), total: z.number().int() }),
    needs: { right: 'constituent.list', by: 'role' },
  }),
  view: endpoint({
    method: 'GET',
    path: '/api/constituents/:constituent',
    summary: 'One organisation with everything it answers for, now, before and planned.',
    input: z.strictObject({ constituent: Id }),
    output: z.strictObject({ constituent: Constituent, assets: z.array(Asset) }),
    needs: { right: 'constituent.view', by: 'role' },
  }),
  create: endpoint({
    method: 'POST',
    path: '/api/constituents',
    summary: 'Adds an organisation to the registry.',
    input: NewConstituent,
    output: z.strictObject({ constituent: Constituent }),
    needs: { right: 'constituent.create', by: 'role' },
    status: 201,
  }),
  addAsset: endpoint({
    method: 'POST',
    path: '/api/constituents/:constituent/assets',
    summary: 'Adds a prefix, an autonomous system or a domain that it answers for, from a moment on.',
    input: z.strictObject({ constituent: Id, ...NewAsset.shape }),
    output: z.strictObject({ asset: Asset }),
    needs: { right: 'asset.add', by: 'role' },
    status: 201,
  }),
  endAsset: endpoint({
    method: 'POST',
    path: '/api/constituents/:constituent/assets/:asset/end',
    summary: 'Says until when it answered for an asset; events from that moment on are no longer its own.',
    input: z.strictObject({ constituent: Id, asset: Id, to: NewAsset.shape.from }),
    output: z.strictObject({ asset: Asset }),
    needs: { right: 'asset.end', by: 'role' },
  }),
  proveAsset: endpoint({
    method: 'POST',
    path: '/api/constituents/:constituent/assets/:asset/prove',
    summary: 'Notes what shows that an asset is theirs, who looked and until when that stands.',
    input: z.strictObject({
      constituent: Id, asset: Id, kind: ProofKind, reference: z.string().trim().min(1).max(300),
      until: NewAsset.shape.from.nullable().default(null),
    }),
    output: z.strictObject({ asset: Asset }),
    needs: { right: 'asset.prove', by: 'role' },
  }),
  previewImport: endpoint({
    method: 'POST',
    path: '/api/constituents/import/preview',
    summary: 'Reads a CSV (name,kind,sector,province,asset,value,from,to) and says what it would add; changes nothing.',
    input: Csv,
    output: ImportPreview,
    needs: { right: 'constituent.import', by: 'role' },
  }),
  commitImport: endpoint({
    method: 'POST',
    path: '/api/constituents/import',
    summary: 'Adds all rows of a CSV in one transaction, or none: a line with a problem refuses the file.',
    input: Csv,
    output: z.strictObject({ constituents: z.number().int(), assets: z.number().int(), unchanged: z.number().int() }),
    needs: { right: 'constituent.import', by: 'role' },
  }),
} as const;
