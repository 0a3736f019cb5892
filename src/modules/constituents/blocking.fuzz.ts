/** Blocking lists for any text, any guards, any order: keys find what lies above and below, forms are stable, a return is exact. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrefix, maskTo, parsePrefix, readIp } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import {
  GuardIndex, judgeLines, keyOf, keysAbove, planRollback, rangeBelow, readTarget, refuseTarget, relationOf, stateOf, targetsOf, valueOfKey,
  type Target,
} from './rules/blocking.ts';
import { withSerial } from '#kit/export/lists';
import { editionBytes, readEdition, type ServedEntry } from './rules/editions.ts';
import { GuardReader, refuseGuardFile } from './rules/guards.ts';

const label = fc.constantFrom('a', 'b', 'bad', 'x-y', '_dmarc', 'xn--p1ai', '0');
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join('.')}.example`);
const small = fc.integer({ min: 0, max: 3 });
const four = fc.tuple(fc.constantFrom(8, 93), small, small, fc.integer({ min: 0, max: 255 })).map((bytes) => bytes.join('.'));
const six = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })).map(([a, b]) => `2400:${a}::${b}`);
const prefix = fc.tuple(fc.oneof(four, six), fc.integer({ min: 8, max: 128 })).map(([text, length]) => {
  const bytes = new Uint8Array(16);
  readIp(text, bytes);
  const bits = text.includes(':') ? Math.max(16, length) : 96 + 8 + (length % 25);
  return formatPrefix({ network: maskTo(bytes, bits), bits });
});
const thing = fc.oneof(name, prefix, four, six);
const bounds = (value: string): [bigint, bigint] => {
  const { network, bits } = parsePrefix(value) as { network: Uint8Array; bits: number };
  const from = BigInt(`0x${Buffer.from(network).toString('hex')}`);
  return [from, from + (1n << BigInt(128 - bits)) - 1n];
};

/** The relation told another way: by suffixes of names and by bounds of addresses. */
function told(x: string, y: string): ReturnType<typeof relationOf> {
  const [px, py] = [parsePrefix(x), parsePrefix(y)];
  if ((px === null) !== (py === null)) return null;
  if (px && py) {
    const [[a, b], [c, d]] = [bounds(x), bounds(y)];
    if (a === c && b === d) return 'same';
    return a >= c && b <= d ? 'under' : a <= c && b >= d ? 'over' : null;
  }
  if (x === y) return 'same';
  return x.endsWith(`.${y}`) ? 'under' : y.endsWith(`.${x}`) ? 'over' : null;
}

test('how one thing lies to another is found by keys, the same way round as by suffixes and bounds', () => {
  fc.assert(fc.property(thing, thing, (x, y) => {
    expect(relationOf(keyOf(x), keyOf(y))).toBe(told(x, y));
    const [above, below] = rangeBelow(keyOf(x));
    expect(keyOf(y) > above && keyOf(y) < below).toBe(told(x, y) === 'over');
    expect(keysAbove(keyOf(x)).includes(keyOf(y))).toBe(['same', 'under'].includes(told(x, y) ?? ''));
    expect(keyOf(valueOfKey(keyOf(x)))).toBe(keyOf(x));
  }), { numRuns: 1500 });
});

test('an index finds exactly what a look at each of its things finds', () => {
  fc.assert(fc.property(fc.uniqueArray(thing, { maxLength: 8, selector: keyOf }), thing, (things, asked) => {
    const found = new GuardIndex(things.map((of) => ({ key: keyOf(of), of }))).find(keyOf(asked)).map(({ of, how }) => `${how} ${of}`);
    const wanted = things.map((of) => [told(asked, of), of] as const).filter(([how]) => how !== null).map(([how, of]) => `${how} ${of}`);
    expect(found.toSorted()).toEqual(wanted.toSorted());
  }), { numRuns: 1000 });
});

const line = fc.oneof(
  fc.string(), thing, thing.map((t) => ` ${t} `), name.map((n) => `https://u:p@${n}:8443/x?y#z`), name.map((n) => n.toUpperCase()),
  four.map((ip) => `http://${ip}/x`), six.map((ip) => `http://[${ip}]:80/`),
  fc.constantFrom('com', 'gov.vn', '10.0.0.1', '0.0.0.0/0', '8.0.0.0/8', '# remark'),
);

test('whatever is typed is written one way or refused in words, and what is taken is never one’s own or everybody’s', () => {
  fc.assert(fc.property(line, (text) => {
    try {
      const target = readTarget(text);
      expect(readTarget(target.value).value).toBe(target.value);
      refuseTarget(target, ['hub.bad.example']);
      if (target.kind === 'ip' || target.kind === 'cidr') {
        const [from, to] = bounds(target.value);
        const v4 = !target.value.includes(':');
        expect(to - from).toBeLessThan(v4 ? 1n << 16n : 1n << 96n);
        expect(target.value).not.toMatch(/^(0|10|127|22[4-9]|2[3-5]\d)\.|^192\.168\.|^f[cdf]|^fe[89a-f]/);
      } else {
        expect(told('hub.bad.example', target.value) ?? '').not.toMatch(/same|under/);
        expect(target.value).toContain('.');
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.code).toMatch(/^blocklist\.[a-z-]+$/);
    }
  }), { numRuns: 3000 });
});

test('each line that says something has one verdict, at its number; one that collides never passes by one hand', () => {
  fc.assert(fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.array(thing, { maxLength: 5 }), (lines, guards) => {
    const numbered = lines.map((text, i) => ({ line: i + 1, text }));
    const targets = targetsOf(numbered);
    const collisions = ({ value }: Target) => guards.filter((g) => told(value, g) !== null)
      .map((g) => ({ with: 'popular-domain' as const, name: g, how: told(value, g) ?? 'same' as const, holder: null }));
    const judged = judgeLines(numbered, { there: new Set(targets.slice(0, 1).map((t) => t.value)), own: [], collisions });
    expect(judged.map((j) => j.line)).toEqual(numbered.map((n) => n.line));
    for (const j of judged) {
      expect(j.verdict === 'refused').toBe(j.code !== null);
      if (j.verdict === 'ok') expect(collisions({ kind: 'ip', value: j.value ?? '' })).toEqual([]);
      if (j.verdict === 'second-person') expect(j.collides.length).toBeGreaterThan(0);
    }
    const taken = judged.filter((j) => j.value !== null).map((j) => j.value);
    expect(new Set(taken).size).toBe(taken.length);
  }), { numRuns: 500 });
});

const born = Date.parse('2026-06-01T00:00:00Z');
const hour = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const entry = fc.tuple(thing, fc.string(), fc.integer({ min: 1, max: 100 })).map(([text, ground, hours]): ServedEntry => ({
  ...readTarget(text), id: `ble_${text}`, ground, expiresAt: iso(born + hours * hour),
}));
const entries = fc.uniqueArray(entry, { maxLength: 20, selector: (e) => e.value });
const list = { name: 'one', purpose: 'dns', tlp: 'GREEN' } as const;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test('the same entries are the same bytes in whatever order; the zone differs by its serial alone', () => {
  fc.assert(fc.property(entries, fc.integer({ min: 1, max: 2_147_483_647 }), fc.integer({ min: 1, max: 2_147_483_647 }), (all, n, m) => {
    const [one, other] = [editionBytes(list, n, all), editionBytes(list, m, all.toReversed())];
    for (const form of ['plain', 'hosts', 'json'] as const) expect(text(one[form])).toBe(text(other[form]));
    expect(text(withSerial(one.rpz, m))).toBe(text(other.rpz));
    expect(text(one.plain).split('\n').filter((l) => l !== '').toSorted()).toEqual(all.map((e) => e.value).toSorted());
    const byId = <E extends { id: string }>(list: readonly E[]): E[] => list.toSorted((x, y) => (x.id < y.id ? -1 : 1));
    expect(byId(readEdition(one.json))).toEqual(byId(all));
    for (const owner of text(one.rpz).split('\n').slice(3).filter((l) => l !== '')) expect(owner).toMatch(/^(\*\.)?[a-z0-9_.-]+ CNAME \.$/);
  }), { numRuns: 300 });
});

test('after a return nothing stands but what that edition served and has not ended, with the ends it had', () => {
  const moved = fc.array(fc.tuple(entry, fc.boolean(), fc.integer({ min: 0, max: 100 })), { maxLength: 20 });
  fc.assert(fc.property(entries, moved, fc.integer({ min: 0, max: 100 }), (then, since, hours) => {
    const now = born + hours * hour;
    const active = new Map(since.filter(([e]) => Date.parse(e.expiresAt) > now)
      .map(([e, , more]) => [e.id, { id: e.id, expiresAt: iso(now + hour + more * hour) }]));
    for (const [i, { id, expiresAt }] of then.entries()) if (i % 3 === 0 && Date.parse(expiresAt) > now) active.set(id, { id, expiresAt });
    const plan = planRollback(then, [...active.values()], now);
    for (const id of plan.gone) active.delete(id);
    for (const e of plan.back) active.set(e.id, { id: e.id, expiresAt: e.expiresAt });
    const wanted = then.filter((e) => stateOf({ state: 'active', expiresAt: e.expiresAt }, now) === 'active');
    const said = (all: readonly { id: string; expiresAt: string }[]): string[] => all.map((e) => `${e.id} ${e.expiresAt}`).toSorted();
    expect(said([...active.values()])).toEqual(said(wanted));
    expect(plan.expired.length + wanted.length).toBe(then.length);
  }), { numRuns: 500 });
});

test('a guard list is read whatever it is, cut anywhere, and each bad line is told by its number', () => {
  const good = fc.oneof(thing, name.map((n) => `17,${n}`), fc.constantFrom('', '# remark', '  '));
  const wrong = ['single', 'a b.example', '1.2.3', '1.2.3.4/33', 'http://a.example/', '10.0.0.1/8', 'ü.example'];
  const bad = fc.constantFrom(...wrong);
  const mixed = fc.array(fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad }), { maxLength: 40 });
  fc.assert(fc.property(mixed, fc.integer({ min: 1, max: 50 }), (lines, cut) => {
    const bytes = Buffer.from(lines.join('\n'), 'utf8');
    const keys: string[] = [];
    const reader = new GuardReader((key) => void keys.push(key));
    for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
    reader.end();
    const isBad = (l: string): boolean => wrong.includes(l);
    expect(reader.problems.map((p) => p.at)).toEqual(lines.flatMap((l, i) => (isBad(l) ? [`line ${i + 1}`] : [])));
    const says = (l: string): boolean => l.trim() !== '' && !l.startsWith('#');
    expect(keys.map(valueOfKey)).toEqual(lines.filter((l) => says(l) && !isBad(l)).map((l) => valueOfKey(keyOf(l.replace('17,', '')))));
    expect(reader.names).toBe(lines.filter(says).length);
    if (reader.problems.length > 0) expect(() => refuseGuardFile(reader)).toThrow('nothing was taken');
  }), { numRuns: 500 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
    const reader = new GuardReader((key) => expect(keyOf(valueOfKey(key))).toBe(key));
    reader.push(bytes);
    reader.end();
  }), { numRuns: 500 });
});
