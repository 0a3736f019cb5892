/**
 * STIX: a bundle of valid indicators and relationships read object by object, checked, versioned and levelled, and patterns read and matched.
 * The reader's peer is `JSON.parse` of the whole, which keeps all of it in memory, finds no double keys and stops at the first fault; the
 * others have none in JavaScript. A figure is `verified` if every object came out as it went in, without a problem.
 */
import { check } from '#kit/stix/check';
import { readBundle } from '#kit/stix/bundle';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { meaningText, versionOf, type StixObject } from '#kit/stix/object';
import { Matcher } from '#kit/stix/pattern/match';
import { observationOf } from '#kit/stix/pattern/observe';
import { parsePattern } from '#kit/stix/pattern/parse';
import { tlp2Markings } from '#kit/stix/tlp';
import type { BenchOptions, Measure } from './ingest.ts';

const runs = 9;

function objectsOf(count: number): StixObject[] {
  const uuid = (i: number): string => `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
  return Array.from({ length: count }, (_, i) => {
    const times = { created: '2026-01-01T00:00:00.000Z', modified: `2026-02-01T00:00:${String(i % 60).padStart(2, '0')}.123Z`, spec_version: '2.1' };
    if (i % 4 === 0) {
      return { type: 'relationship', id: `relationship--${uuid(i)}`, ...times, relationship_type: 'indicates', source_ref: `indicator--${uuid(i + 1)}`,
        target_ref: `malware--${uuid(i)}` };
    }
    return {
      type: 'indicator', id: `indicator--${uuid(i)}`, ...times, name: `Address ${i}`, description: 'Seen in "traffic" of a botnet;\nđã thấy.',
        labels: ['own'],
      indicator_types: ['malicious-activity'], pattern: `[ipv4-addr:value = '198.51.${i % 256}.7' OR domain-name:value IN ('a${i}.example', 'b.example')]`,
      pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z', object_marking_refs: [String(tlp2Markings.green['id'])],
    };
  });
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Median of how many a second, in CPU time of the process. */
async function rate(count: number, run: () => unknown): Promise<number> {
  const rates: number[] = [];
  for (let i = 0; i < runs + 2; i++) {
    const from = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(from);
    if (i >= 2) rates.push(count / ((user + system) / 1e6));
  }
  return rates.sort((a, b) => a - b)[runs >> 1] ?? 0;
}

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const objects = objectsOf(Math.max(500, Math.round(40_000 * (options.scale ?? 1))));
  const bytes = Buffer.from(JSON.stringify({ type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects }));
  const measure = (what: string, value: number, unit: string, verified: boolean, peer: string | null = null, peerValue: number | null = null): Measure => ({
    bench: 'stix', measure: what, value: Math.round(value), unit, peer, peerValue: peerValue === null ? null : Math.round(peerValue),
    ratio: peerValue === null ? null : Math.round((value / peerValue) * 100) / 100, runs, verified,
  });
  let same = 0;
  for await (const item of readBundle(chunksOf(bytes))) if (item.kind === 'object'
    && meaningText(item.value) === meaningText(objects[item.index] ?? {})) same++;
  const size = bytes.length / 1e6;
  const read = await rate(size, async () => {
    for await (const item of readBundle(chunksOf(bytes))) if (item.kind === 'problem') throw new Error(item.text);
  });
  const parsed = await rate(size, () => JSON.parse(bytes.toString()));
  yield measure('read a bundle, object by object', read, 'MB/s', same === objects.length, `JSON.parse of the whole, Node ${process.versions.node}`, parsed);
  const clean = objects.every((o) => check(o).problems.length === 0);
  yield measure('check against STIX 2.1, patterns too', await rate(objects.length, () => objects.forEach((o) => check(o))), 'objects/s', clean);
  const definitions = definitionsIn([]);
  yield measure('version, meaning and level', await rate(objects.length, () => objects.forEach((o) => [versionOf(o), meaningText(o), levelOf(o,
    definitions)])),
    'objects/s', objects.every((o) => versionOf(o) !== null));
  const patterns = objects.flatMap((o) => (typeof o['pattern'] === 'string' ? [o['pattern']] : []));
  yield measure('read a pattern', await rate(patterns.length, () => patterns.forEach((p) => parsePattern(p))), 'patterns/s',
    patterns.every((p) => 'pattern' in parsePattern(p)));
  const matchers = patterns.flatMap((p) => {
    const found = parsePattern(p);
    return 'pattern' in found ? [new Matcher(found.pattern)] : [];
  });
  const seen = observationOf({
    type: 'observed-data', first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1,
      objects: { 0: { type: 'domain-name', value: 'b.example' } },
  });
  const world = seen ? [seen] : [];
  yield measure('match a pattern to an observation', await rate(matchers.length, () => matchers.forEach((m) => m.match(world))), 'patterns/s',
    matchers.every((m) => m.match(world).answer === 'yes'));
}
