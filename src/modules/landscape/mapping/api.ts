/** What a feed's columns mean, version by version: written, tried on files that came, put in force; and reading kept files again. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count, Counts, Id } from '../model.ts';
import { Mapping } from '../model/mapping.ts';

const Version = z.coerce.number().int().min(1).max(100_000);

const MappingVersion = z.strictObject({
  version: Count, mapping: Mapping, note: z.string(), madeAt: z.iso.datetime(), person: z.string(), inForce: z.boolean(),
});

/** A row as a mapping makes it; what is not told is left out. */
const MappedRow = z.strictObject({
  line: Count,
  /** Why it cannot be taken; null where it can. */
  unfit: z.strictObject({ reason: z.string(), detail: z.string() }).nullable(),
  fields: z.record(z.string(), z.string()),
  attrs: z.record(z.string(), z.string()),
});

const Replay = z.strictObject({
  id: z.string(), feed: z.string(),
  /** Version it reads by; null where the shape is the hub's own. */
  mapping: Count.nullable(),
  state: z.enum(['open', 'done', 'stopped']), person: z.string(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(),
  /** Batches read again, of so many. */
  batches: Count, of: Count,
  before: Counts, after: Counts,
  /** What keeps it from going on, where something does; it is tried again. */
  failure: z.string().nullable(),
});

/** What two ways of reading make of the same files. */
const Difference = z.strictObject({
  batches: Count,
  /** Rows compared; at most 20,000 of each file. */
  rows: Count, same: Count, changed: Count,
  /** Rows that only one of them can take. */
  gained: Count, lost: Count,
  /** Of the changed rows, how many differ in what. */
  fields: z.array(z.strictObject({ field: z.string(), rows: Count })),
  examples: z.array(z.strictObject({
    batch: z.string(), line: Count, field: z.string(), before: z.string().nullable(), after: z.string().nullable(),
  })),
});

export const mappingApi = {
  formats: endpoint({
    method: 'GET',
    path: '/api/formats',
    summary: 'The formats of others that the hub reads, each as a mapping to copy from.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(z.strictObject({ name: z.string(), mapping: Mapping })) }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  mappings: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed/mappings',
    summary: 'The versions of what a feed’s columns mean, newest first.',
    input: z.strictObject({ feed: Id }),
    output: z.strictObject({ items: z.array(MappingVersion) }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  previewMapping: endpoint({
    method: 'POST',
    path: '/api/mappings/preview',
    summary: 'What a mapping makes of a sample: columns, the first rows as events, and what cannot be taken. Nothing is kept.',
    input: z.strictObject({ mapping: Mapping, sample: z.string().max(200_000) }),
    output: z.strictObject({ columns: z.array(z.string()), read: Count, fit: Count, rows: z.array(MappedRow), troubles: z.array(z.strictObject({
      line: Count, offset: Count, reason: z.string(), detail: z.string(), excerpt: z.string(),
    })) }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  saveMapping: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/mappings',
    summary: 'Keeps a new version of what a feed’s columns mean. It is in force once somebody puts it in force.',
    input: z.strictObject({ feed: Id, mapping: Mapping, note: z.string().trim().max(500).default('') }),
    output: z.strictObject({ version: Count }),
    needs: { right: 'mapping.change', by: 'role' },
    status: 201,
  }),
  tryMapping: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/mappings/:version/try',
    summary: 'Reads the last files of a feed by this version and by the one in force, and tells the difference. Nothing is stored.',
    input: z.strictObject({ feed: Id, version: Version, batches: z.number().int().min(1).max(10).default(3) }),
    output: z.strictObject({ difference: Difference }),
    needs: { right: 'mapping.change', by: 'role' },
  }),
  useMapping: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/mappings/:version/use',
    summary: 'Puts a version in force: the files that come from now on are read by it.',
    input: z.strictObject({ feed: Id, version: Version }),
    output: z.strictObject({ version: Count }),
    needs: { right: 'mapping.change', by: 'role' },
  }),
  replays: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed/replays',
    summary: 'When kept files of a feed were read again, by which version, and what came of it.',
    input: z.strictObject({ feed: Id }),
    output: z.strictObject({ items: z.array(Replay) }),
    needs: { right: 'mapping.list', by: 'role' },
  }),
  beginReplay: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/replays',
    summary: 'Reads kept files of a feed again, as it is read now or by a version of its mapping, in the place of what is stored of them.',
    input: z.strictObject({ feed: Id, version: z.number().int().min(1).max(100_000).nullable().default(null) }),
    output: z.strictObject({ replay: Replay }),
    needs: { right: 'batch.replay', by: 'role' },
    status: 202,
  }),
  stopReplay: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/replays/:replay/stop',
    summary: 'Stops reading again after the present file; what was read stays as it was read.',
    input: z.strictObject({ feed: Id, replay: Id }),
    output: z.strictObject({ replay: Replay }),
    needs: { right: 'batch.replay', by: 'role' },
  }),
} as const;

export type ReplayShown = z.infer<typeof Replay>;
export type DifferenceShown = z.infer<typeof Difference>;
export type MappedRowShown = z.infer<typeof MappedRow>;
