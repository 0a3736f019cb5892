/**
 * What a file's columns or keys mean, as data: for each thing we want to know, where it is taken from and how. A mapping is
 * written in the browser, tried on files that came, kept as a version and never changed; the formats we know are mappings
 * too (`formats.ts`).
 */
import { z } from 'zod';
import { timeReader } from '#kit/rows/pattern';
import { eventKinds } from '../model.ts';

/** What can be told of a row. `ip` is the address it is about, `peer` the other side. Hashes are of a file, in hexadecimal. */
export const mappingTargets = [
  'time', 'kind', 'type', 'family', 'severity', 'confidence', 'tlp', 'ip', 'port', 'peer', 'peerPort', 'domain', 'url', 'asn', 'area',
  'user', 'count', 'md5', 'sha1', 'sha256',
] as const;
export type MappingTarget = (typeof mappingTargets)[number];

const Name = z.string().min(1).max(120);
const Word = z.string().max(200);

export const MappingRule = z.strictObject({
  /** Columns, or paths such as `source.ip`: the first that holds something; with `join` all of them. None where `otherwise` says it all. */
  from: z.array(Name).max(10).default([]),
  /** Puts all of `from` together, with this between. */
  join: z.string().max(5).optional(),
  /** `host`: of an address of the web, its host. `lower`: small letters. `before` and `after` cut at the first `at`. */
  pick: z.enum(['host', 'lower', 'before', 'after']).optional(),
  at: z.string().min(1).max(10).optional(),
  /** Words of the sender (small letters) to ours. */
  table: z.record(Word, Word).optional(),
  /** Where nothing is sent, or the table has no such word. */
  otherwise: Word.optional(),
  /** How a time is written (`dd/MM/yyyy HH:mm`) and where; without, all the ways of docs/specs/rows.md. */
  pattern: z.string().min(1).max(60).optional(),
  zone: z.string().min(1).max(60).optional(),
  /** Multiplies a number: 100 makes a confidence of 0 to 1 a percentage. */
  scale: z.number().positive().max(1_000_000).optional(),
  /** What does not fit (an address that is none) costs its attribute's place, not the row. */
  optional: z.boolean().optional(),
});
export type MappingRule = z.infer<typeof MappingRule>;

export const MappingFormat = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('csv'),
    delimiter: z.string().length(1).refine((c) => !/["\r\n]/.test(c), 'must not be a quote or an end of line').default(','),
    /** Lines that begin with it are no rows; '' for none. */
    comment: z.string().max(3).default(''),
    /** Names of the columns where the file has no line that names them. */
    columns: z.array(Name).min(1).max(500).nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('json'),
    /** Path of the list of rows within one document (`data.items`); '' where rows stand a line each, or the file is a list. */
    rows: z.string().max(200).default(''),
  }),
]);

export const Mapping = z.strictObject({
  format: MappingFormat,
  rules: z.partialRecord(z.enum(mappingTargets), MappingRule),
  /** Kept in the raw file only, with all beneath them: large things that nobody asks rows for. */
  leave: z.array(Name).max(50).default([]),
}).superRefine((mapping, context) => {
  const { rules } = mapping;
  const wrong = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (rules.time === undefined) wrong(['rules', 'time'], 'a mapping must say where the time is');
  for (const [target, rule] of Object.entries(rules)) {
    const at = ['rules', target];
    if (rule.from.length === 0 && rule.otherwise === undefined) wrong(at, 'names no column and no fixed word');
    if ((rule.pick === 'before' || rule.pick === 'after') !== (rule.at !== undefined)) wrong(at, '`at` goes with before and after');
    if (rule.pattern !== undefined && (target !== 'time' || timeReader(rule.pattern, rule.zone ?? 'UTC') === null)) {
      wrong(at, 'the pattern or its zone cannot be read');
    }
    if (rule.pattern === undefined && rule.zone !== undefined) wrong(at, 'a zone goes with a pattern');
  }
  const kind = rules.kind;
  const words = kind === undefined ? [] : [...Object.values(kind.table ?? {}), ...(kind.otherwise === undefined ? [] : [kind.otherwise])];
  for (const word of words) if (!(eventKinds as readonly string[]).includes(word)) wrong(['rules', 'kind'], `there is no kind ${word}`);
}).meta({ examples: [{ format: { kind: 'json' }, rules: { time: { from: ['time'] }, ip: { from: ['source.ip'] } } }] });
export type Mapping = z.infer<typeof Mapping>;
