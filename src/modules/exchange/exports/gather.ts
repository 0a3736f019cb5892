/**
 * Gathers what an export gives, within reach: object by object it is weighed, values are read, and what is on a warninglist or guarded
 * stays out. What is left out is counted with its reason. Values are held in memory, up to a bound; bodies are read again when written.
 */
import { canSay, inOrder, type ExportLabel, type ExportValue, type LeavingReason, type LeftOut } from '#kit/export/export';
import { isOfValues } from '#kit/export/write';
import { atomsOf, sufficientOf } from '#kit/match/atoms';
import { keysOf, type PrefixLengths } from '#kit/match/probes';
import type { Value } from '#kit/match/value';
import { Refusal } from '#kit/refusal';
import type { StixObject } from '#kit/stix/object';
import type { Queryable } from '#world/db/port';
import type { Reach } from '../gate.ts';
import type { Selection } from '../model/exports.ts';
import { endOf, staysOut } from '../rules/exports.ts';
import { labelOf, rankOf } from '../rules/tlp.ts';
import { candidates, headsOf, type Candidate, type Made } from '../store/exports.ts';
import { benignOf, lengthsInUse } from '../store/lookup.ts';
import { questionOf } from '../store/objects.ts';

/** Of values, what a release must not block, with the names of what guards them. Asked of a module that comes later. */
export type Guard = (q: Queryable, scope: string, values: readonly Value[]) => Promise<(value: Value) => readonly string[]>;

export interface Gathered {
  readonly values: readonly ExportValue[];
  /** Versions to be written, for the forms that are made of objects. */
  readonly vers: readonly string[];
  readonly count: number;
  readonly tlp: ExportLabel;
  readonly leftOut: readonly LeftOut[];
  readonly some: readonly { readonly what: string; readonly reason: LeavingReason; readonly by: string }[];
  readonly firstEnd: string | null;
  readonly made: Made;
}

const together = 500;
const mostValues = 200_000;
const mostObjects = { stix: 200_000, misp: 20_000 } as const;
const mostShown = 50;
/** Forms of values that nothing blocks by. */
const harmless: ReadonlySet<string> = new Set(['csv', 'bloom']);

/** Counts by reason, and by name of the list. */
class Left {
  readonly some: { what: string; reason: LeavingReason; by: string }[] = [];
  private readonly counts = new Map<LeavingReason, { count: number; by: Map<string, number> }>();

  add(reason: LeavingReason, what: string, names: readonly string[] = []): void {
    const kept = this.counts.get(reason) ?? { count: 0, by: new Map<string, number>() };
    this.counts.set(reason, kept);
    kept.count += 1;
    for (const name of new Set(names)) kept.by.set(name, (kept.by.get(name) ?? 0) + 1);
    if (this.some.length < mostShown) this.some.push({ what: what.slice(0, 300), reason, by: names.slice(0, 3).join(', ').slice(0, 200) });
  }

  all(): LeftOut[] {
    return [...this.counts].map(([reason, { count, by }]) => ({ reason, count, by: [...by].sort((a, b) => b[1] - a[1]).slice(0, 20) }))
      .sort((a, b) => b.count - a.count);
  }
}

interface Asking { readonly q: Queryable; readonly reach: Reach; readonly scope: string; readonly now: number; readonly guard: Guard }

export async function gather(asking: Asking, chosen: Selection): Promise<Gathered> {
  const { q, reach } = asking;
  const colls = reach.open.map((c) => c.coll);
  const headSeq = await headsOf(q, colls);
  const words = chosen.words === '' ? null : questionOf(chosen.words);
  const work = new Gathering(asking, chosen, await lengthsInUse(q));
  let after: [number, string] = [-1, '0'];
  for (let page = together; page === together && (chosen.words === '' || words !== null);) {
    const found = await candidates(q, reach, { words, type: chosen.type, after, limit: together });
    page = found.length;
    await work.take(found);
    const last = found.at(-1);
    if (last) after = [last.coll, last.seq];
  }
  return work.end(colls, headSeq);
}

interface Read { readonly from: Candidate; readonly object: StixObject; readonly values: readonly Value[] }

class Gathering {
  private readonly left = new Left();
  private readonly values = new Map<string, ExportValue>();
  private readonly vers: string[] = [];
  private readonly objs = new Set<string>();
  private top = 0;

  private readonly asking: Asking;
  private readonly chosen: Selection;
  private readonly lengths: PrefixLengths;
  private readonly ceiling: number;
  private readonly ofValues: boolean;
  constructor(asking: Asking, chosen: Selection, lengths: PrefixLengths) {
    [this.asking, this.chosen, this.lengths] = [asking, chosen, lengths];
    this.ceiling = rankOf(chosen.ceiling);
    this.ofValues = isOfValues(chosen.form);
  }

  async take(found: readonly Candidate[]): Promise<void> {
    const read = found.flatMap((from) => this.readOne(from));
    const silenced = await this.silenced(read);
    for (const one of read) {
      if (this.ofValues) this.addValues(one, silenced);
      else this.addObject(one, silenced);
    }
    const most = this.chosen.form === 'misp' || this.chosen.form === 'stix' ? mostObjects[this.chosen.form] : mostValues;
    if (Math.max(this.values.size, this.vers.length) > most) {
      throw new Refusal('too-large', 'export.too-large', `One file of this form holds ${most} at most.`, { hint: 'Choose a collection, a type or words.' });
    }
  }

  private readOne(from: Candidate): Read[] {
    if (from.body === null || (this.ofValues && from.type !== 'indicator')) return [];
    const object = JSON.parse(from.body) as StixObject;
    const why = staysOut(object, from, this.ceiling, this.asking.now);
    if (why === null) return [{ from, object, values: this.ofValues ? sufficientOf(object) : atomsOf(object) }];
    // Not even the name of what lies above the label goes to whoever looks at what was left out.
    this.left.add(why, why === 'above-label' ? from.id : from.name || from.id);
    return [];
  }

  /** Names of the warninglists that silence each value: by itself, or by what covers it. */
  private async silenced(read: readonly Read[]): Promise<(value: Value) => readonly string[]> {
    const keys = new Map<string, string[]>();
    for (const { values } of read) {
      for (const value of values) {
        const name = `${value.kind} ${value.value}`;
        if (!keys.has(name)) keys.set(name, keysOf(value, this.lengths));
      }
    }
    const benign = await benignOf(this.asking.q, this.asking.scope, [...new Set([...keys.values()].flat())]);
    return ({ kind, value }) => (keys.get(`${kind} ${value}`) ?? []).flatMap((key) => benign.get(key) ?? []);
  }

  private addObject({ from, values }: Read, silenced: (value: Value) => readonly string[]): void {
    const names = from.type === 'indicator' ? values.flatMap(silenced) : [];
    if (names.length > 0) return this.left.add('warninglist', from.name || from.id, names);
    if (this.objs.has(from.obj)) return;
    this.objs.add(from.obj);
    this.vers.push(from.ver);
    this.top = Math.max(this.top, from.tlp);
  }

  private addValues({ from, object, values }: Read, silenced: (value: Value) => readonly string[]): void {
    if (values.length === 0) return this.left.add('together', from.name || from.id);
    const { kinds, form } = this.chosen;
    for (const value of values) {
      if (kinds !== null && !kinds.includes(value.kind)) continue;
      const names = silenced(value);
      if (!canSay(form, value)) this.left.add('no-such-form', value.value);
      else if (names.length > 0) this.left.add('warninglist', value.value, names);
      else this.keep(value, from, endOf(object));
    }
  }

  /** Of two objects that state a value the wider label and the later end count: each of them lets it be known so. */
  private keep(value: Value, from: Candidate, end: string | null): void {
    const key = `${value.kind} ${value.value}`;
    const before = this.values.get(key);
    this.objs.add(from.obj);
    const tlp = Math.min(from.tlp, before ? rankOf(before.tlp) : from.tlp);
    const validUntil = before && (before.validUntil === null || (end !== null && before.validUntil > end)) ? before.validUntil : end;
    const { object, name } = before ?? { object: from.id, name: from.name };
    this.values.set(key, { ...value, tlp: labelOf(tlp) as ExportLabel, validUntil, object, name });
  }

  async end(colls: readonly number[], headSeq: number): Promise<Gathered> {
    const kept = inOrder([...this.values.values()]);
    const guarded = kept.length > 0 && !harmless.has(this.chosen.form) ? await this.asking.guard(this.asking.q, this.asking.scope, kept) : () => [];
    const values = kept.filter((value) => {
      const names = guarded(value);
      if (names.length > 0) this.left.add('guarded', value.value, names);
      return names.length === 0;
    });
    const top = values.reduce((most, v) => Math.max(most, rankOf(v.tlp)), this.top);
    return {
      values, vers: this.vers, count: this.ofValues ? values.length : this.vers.length, tlp: labelOf(top) as ExportLabel, leftOut: this.left.all(),
      some: this.left.some, firstEnd: values.reduce((first: string | null, { validUntil: v }) => (v !== null && (first === null || v < first) ? v : first),
        null),
      made: { colls, objs: [...this.objs], headSeq },
    };
  }
}
