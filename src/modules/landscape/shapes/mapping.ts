/** A mapping at work: the values of a row by name into a draft. Whatever no rule takes whole becomes an attribute, so that a mapping loses nothing. */
import { timeReader, type TimeReader } from '#kit/rows/pattern';
import { secondsOf } from '#kit/rows/time';
import { eventKinds, type EventKind } from '../model.ts';
import { areaOf, asnOf, confidenceOf, countOf, domainOf, portOf, severityOf, tlpOf, type Draft, type Unfit } from './draft.ts';
import { kindOfWord } from './kinds.ts';
import { mappingTargets, type Mapping, type MappingRule, type MappingTarget } from '../model/mapping.ts';

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
