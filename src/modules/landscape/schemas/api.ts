/** Tables of Shadowserver's report types as data: handed in, compared, put in force by hand. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Count } from '../model.ts';

const Version = z.coerce.number().int().min(0).max(100_000);
const Names = z.array(z.string());

const Diff = z.strictObject({
  added: Names,
  /** Files of these types go on being read as before. */
  removed: Names,
  changed: z.array(z.strictObject({
    type: z.string(), added: Names, removed: Names,
    /** A column, or what is said of the report itself, that is another now. */
    changed: z.array(z.strictObject({ what: z.string(), before: z.string(), after: z.string() })),
  })),
});

const SchemaVersion = z.strictObject({
  /** 0 is the table that ships. */
  version: Count,
  /** What the file says of its own date; '' where it says nothing. */
  stand: z.string(),
  types: Count, sha256: z.string().nullable(), note: z.string(), madeAt: z.iso.datetime().nullable(), person: z.string().nullable(), inForce: z.boolean(),
});

export const schemasApi = {
  reportSchemas: endpoint({
    method: 'GET',
    path: '/api/report-schemas',
    summary: 'The tables of report types: which ships, which were handed in, which is in force.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(SchemaVersion), since: z.iso.datetime().nullable() }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  reportSchema: endpoint({
    method: 'GET',
    path: '/api/report-schemas/:version',
    summary: 'What is different in a version, by report type and column, from the one in force.',
    input: z.strictObject({ version: Version }),
    output: z.strictObject({ version: Count, from: Count, diff: Diff }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  uploadReportSchema: raw(endpoint({
    method: 'POST',
    path: '/api/report-schemas',
    summary: 'Keeps a newer schema as a version (body: Shadowserver’s published JSON, or a table in the form that ships; 8 MB at most). It is not in force.',
    input: z.strictObject({ note: z.string().trim().max(200).default('') }),
    output: z.strictObject({ version: Count, diff: Diff }),
    needs: { right: 'mapping.change', by: 'role' }, upload: true, status: 201,
  })),
  useReportSchema: endpoint({
    method: 'POST',
    path: '/api/report-schemas/:version/use',
    summary: 'Puts a version in force: files that come from now on are read by it; those that came keep the version they were read by.',
    input: z.strictObject({ version: Version }),
    output: z.strictObject({ version: Count }),
    needs: { right: 'mapping.change', by: 'role' },
  }),
} as const;
