/**
 * What a file's columns or keys mean, as data: for each thing we want to know, where it is taken from and how. A mapping is
 * written in the browser, tried on files that came, kept as a version and never changed; the formats we know are mappings
 * too (`formats.ts`). Whatever no rule takes whole becomes an attribute, so that a mapping loses nothing.
 */
import { z } from 'zod';
import { secondsOf } from '#kit/rows/time';
import { timeReader, type TimeReader } from '#kit/rows/pattern';
import { eventKinds, type EventKind } from '../model.ts';
import { areaOf, asnOf, confidenceOf, countOf, domainOf, portOf, severityOf, tlpOf, type Draft, type Unfit } from './draft.ts';
import { kindOfWord } from './kinds.ts';

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

/** The values of one row by name; '' or undefined where there is none. */
export type Values = (name: string) => string | undefined;

type Put = (draft: Draft, value: string, name: string) => Taken;
/** `whole`: stored as it was sent. `kept`: not to be read, it stays an attribute. Else the row cannot be taken. */
type Taken = 'whole' | 'kept' | Unfit;

interface Step {
  readonly target: MappingTarget;
  readonly rule: MappingRule;
  readonly put: Put;
  readonly lossless: boolean;
}

/** A mapping made ready for many rows. */
export class Mapper {
  private readonly steps: readonly Step[];
  private readonly leave: readonly string[];
  private readonly taken = new Set<string>();
  private readonly fixedKind: boolean;

  constructor(mapping: Mapping) {
    // The kind follows from the type, so that the type comes first.
    const order = ['type', 'kind', ...mappingTargets.filter((target) => target !== 'type' && target !== 'kind')] as MappingTarget[];
    this.steps = order.flatMap((target) => {
      const rule = mapping.rules[target];
      return rule === undefined ? [] : [stepOf(target, rule)];
    });
    this.leave = mapping.leave;
    this.fixedKind = mapping.rules.kind !== undefined;
  }

  /** Fills the draft from a row's values; `names` are those that the row has, in its order. */
  fill(draft: Draft, values: Values, names: Iterable<string>, reportType: string): Unfit | null {
    draft.reset();
    draft.reportType = reportType;
    const { taken } = this;
    taken.clear();
    for (const step of this.steps) {
      const unfit = this.apply(draft, step, values);
      if (unfit !== null) return unfit;
    }
    if (draft.type === '') draft.type = reportType;
    if (!this.fixedKind) draft.kind = kindOfWord(draft.type);
    if (draft.time < 0) return { reason: 'time.missing', detail: 'the row has no time' };
    const counted = draft.kind === 'user-heartbeat' || draft.kind === 'user-detection';
    if (counted && draft.user === '') return { reason: 'user.missing', detail: 'a user row without a user' };
    for (const name of names) {
      if (taken.has(name) || this.leaves(name)) continue;
      const value = values(name);
      if (value !== undefined && value !== '') draft.attr(name, value);
    }
    return null;
  }

  private leaves(name: string): boolean {
    return this.leave.some((left) => name === left || (name.startsWith(left) && name[left.length] === '.'));
  }

  private apply(draft: Draft, { target, rule, put, lossless }: Step, values: Values): Unfit | null {
    if (target === 'time') draft.time = -1;
    const found = found1(rule, values);
    if (found === null) return null;
    const result = put(draft, found.value, found.name);
    if (result === 'whole') {
      if (lossless && found.name !== '') this.taken.add(found.name);
      return null;
    }
    return result === 'kept' || (rule.optional ?? false) ? null : result;
  }
}

/** What a rule makes of a row: the value, and the name it came from where it is one name's. */
function found1(rule: MappingRule, values: Values): { value: string; name: string } | null {
  const { from, join, table } = rule;
  const sent = from.map((name) => values(name) ?? '');
  const first = sent.findIndex((value) => value !== '');
  const raw = join === undefined ? sent[first] ?? '' : first < 0 ? '' : sent.join(join);
  const picked = pickOf(rule, raw);
  const word = table === undefined || picked === '' ? picked : wordIn(table, picked);
  const value = word === '' ? rule.otherwise ?? '' : word;
  if (value === '') return null;
  return { value, name: join === undefined && first >= 0 ? from[first] ?? '' : '' };
}

const wordIn = (table: Readonly<Record<string, string>>, value: string): string => {
  const word = value.toLowerCase();
  return Object.hasOwn(table, word) ? table[word] ?? '' : '';
};

function pickOf({ pick, at }: MappingRule, value: string): string {
  if (value === '' || pick === undefined) return value;
  if (pick === 'lower') return value.toLowerCase();
  if (pick === 'host') return hostOf(value);
  const cut = value.indexOf(at ?? '');
  if (pick === 'before') return cut < 0 ? value : value.slice(0, cut);
  return cut < 0 ? '' : value.slice(cut + (at ?? '').length);
}

/** Host of an address of the web, with or without its scheme; brackets of IPv6 taken away. */
export function hostOf(value: string): string {
  const bare = value.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^[^/?#]*@/, '');
  const host = /^(\[[0-9a-f:.]+\]|[^/?#:]*)/i.exec(bare)?.[0] ?? '';
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}

function stepOf(target: MappingTarget, rule: MappingRule): Step {
  const asSent = rule.join === undefined && rule.pick === undefined && rule.table === undefined && rule.scale === undefined;
  // A time, a number or a word that was read is not the text that was sent, but says the same.
  return { target, rule, put: putOf(target, rule), lossless: asSent };
}

const hashLength = { md5: 32, sha1: 40, sha256: 64 } as const;

function putOf(target: MappingTarget, rule: MappingRule): Put {
  switch (target) {
    case 'time': return timePut(rule.pattern === undefined ? secondsOf : timeReader(rule.pattern, rule.zone ?? 'UTC') ?? secondsOf);
    case 'kind': return (d, value) => { d.kind = (eventKinds as readonly string[]).includes(value) ? value as EventKind : 'other'; return 'kept'; };
    case 'type': return (d, value) => { d.type = value; return 'whole'; };
    case 'family': return (d, value) => { d.family = value; return 'whole'; };
    case 'severity': return (d, value) => { d.severity = severityOf(value); return d.severity === 'unknown' ? 'kept' : 'whole'; };
    case 'confidence': return (d, value) => { d.confidence = confidenceOf(scaled(value, rule.scale)); return d.confidence > 100 ? 'kept' : 'whole'; };
    case 'tlp': return (d, value) => { d.tlp = tlpOf(value); return 'whole'; };
    case 'ip': return (d, value, name) => (d.setIp(value) ? 'whole' : { reason: 'ip.invalid', detail: `${name} is no address` });
    // What is no address is kept as an attribute by `setPeer` itself.
    case 'peer': return (d, value, name) => { if (name !== '') d.setPeer(name, value); return 'whole'; };
    case 'port': return (d, value) => { d.port = portOf(value); return d.port === 0 ? 'kept' : 'whole'; };
    case 'peerPort': return (d, value) => { d.peerPort = portOf(value); return d.peerPort === 0 ? 'kept' : 'whole'; };
    case 'domain': return (d, value, name) => {
      const domain = domainOf(value);
      if (domain !== '') d.domain = domain;
      return domain !== '' ? 'whole' : { reason: 'domain.invalid', detail: `${name} is no host name` };
    };
    case 'url': return (d, value) => { d.url = value; return 'whole'; };
    case 'asn': return (d, value) => { d.asn = asnOf(value); return d.asn === 0 ? 'kept' : 'whole'; };
    case 'area': return (d, value) => { d.area = areaOf(value); return d.area === '' ? 'kept' : 'whole'; };
    case 'user': return (d, value) => { d.user = value; return 'whole'; };
    case 'count': return (d, value) => { d.count = countOf(value); return /^\d+$/.test(value) ? 'whole' : 'kept'; };
    case 'md5': case 'sha1': case 'sha256': return hashPut(target);
  }
}

function timePut(read: TimeReader | ((value: unknown) => number | null)): Put {
  return (draft, value) => {
    const seconds = read(value);
    if (seconds === null) return { reason: 'time.invalid', detail: 'the time is no time' };
    draft.time = seconds;
    return 'whole';
  };
}

function hashPut(target: keyof typeof hashLength): Put {
  return (draft, value) => {
    const hex = value.trim().toLowerCase();
    if (hex.length !== hashLength[target] || !/^[0-9a-f]+$/.test(hex)) return { reason: 'hash.invalid', detail: `${target} is no ${target} in hexadecimal` };
    draft.attr(target, hex);
    return 'whole';
  };
}

const scaled = (value: string, scale: number | undefined): string | number =>
  scale === undefined ? value : Number.isFinite(Number(value)) ? Number(value) * scale : value;
