import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feedEvent, feedFiles, hashLines, isOpen, readHashes, readManifest } from './feed.ts';
import { readMisp } from './read.ts';
import { event } from './testing.ts';
import { eventJson } from './write.ts';

const uuid = '5f6e7d8c-1234-4abc-8def-0123456789ab';
const least = { uuid, info: 'x', date: '2026-01-31', timestamp: '1767225600', Orgc: { uuid, name: 'CERT' } };

test('what was written reads as the same event', () => {
  fc.assert(fc.property(event, (one) => {
    const reading = readMisp(JSON.parse(JSON.stringify({ Event: eventJson(one) })));
    expect(reading).toEqual({ events: [one], problems: [], losses: [], more: false });
  }), { numRuns: 100 });
});

test('events are found bare, within Event, and in answers', () => {
  for (const value of [least, { Event: least }, { response: [{ Event: least }] }, { response: { Event: least } }, [{ Event: least }]]) {
    expect(readMisp(value).events.map((e) => [e.uuid, e.orgc?.name])).toEqual([[uuid, 'CERT']]);
  }
});

test('texts and numbers, true and 1 are read alike', () => {
  const read = (to_ids: unknown, timestamp: unknown): unknown =>
    readMisp({ ...least, Attribute: [{ uuid: uuid.replace('5', '6'), type: 'md5', category: 'x', value: 'y', to_ids, timestamp }] }).events[0]?.attributes[0];
  expect(read('1', '5')).toEqual(read(true, 5));
});

test('problems stand at their place, and the rest is read', () => {
  const reading = readMisp({ Event: {
    ...least, date: '31.1.2026', threat_level_id: 9, Tag: [{}, { name: 'tlp:red' }, 7],
    Attribute: [{ type: 'md5' }, { uuid: 'no', type: 'url', value: 'http://x/', first_seen: 'never' }], Object: {},
    ShadowAttribute: [{ value: 'secret' }], own: 1,
  } });
  expect(reading.problems.map((p) => p.path)).toEqual([
    '/Event/date', '/Event/threat_level_id', '/Event/Tag/0', '/Event/Tag/2', '/Event/Attribute/0', '/Event/Attribute/1/uuid',
    '/Event/Attribute/1/first_seen', '/Event/Object',
  ]);
  expect(reading.losses.map((l) => l.path)).toEqual(['/Event/ShadowAttribute', '/Event/own']);
  expect(reading.events[0]?.attributes.map((a) => a.value)).toEqual(['http://x/']);
});

test('a uuid that is there twice is told, and each keeps one of its own', () => {
  const reading = readMisp({ ...least, Attribute: [{ uuid, type: 'a', value: 'b' }, { uuid, type: 'a', value: 'b' }] });
  expect(reading.problems).toHaveLength(2);
  expect(new Set(reading.events[0]?.attributes.map((a) => a.uuid)).size).toBe(2);
  expect(readMisp({ ...least, Attribute: [{ uuid, type: 'a', value: 'b' }] })).toEqual(readMisp({ ...least, Attribute: [{ uuid, type: 'a', value: 'b' }] }));
});

test('limits end the reading and say so', () => {
  const many = { ...least, Attribute: Array.from({ length: 20 }, (_, i) => ({ type: 'md5', value: String(i) })) };
  const reading = readMisp(many, { things: 10, notes: 5 });
  expect([reading.more, reading.events[0]?.attributes.length, reading.problems.length]).toEqual([true, 10, 5]);
  expect(readMisp([least, least], { events: 1 })).toMatchObject({ more: true, events: { length: 1 } });
  expect(readMisp({ ...least, info: 'x'.repeat(100) }, { long: 99 }).problems[0]?.path).toBe('/info');
});

test('a feed reads back as the events that were written', () => {
  fc.assert(fc.property(fc.uniqueArray(event, { maxLength: 3, selector: (e) => e.uuid }), (events) => {
    const open = events.map((one) => feedEvent(one).event);
    const files = new Map([...feedFiles(open)].map((file) => [file.name, file.text]));
    const { entries, problems } = readManifest(JSON.parse(files.get('manifest.json') ?? ''));
    expect(problems).toEqual([]);
    expect(entries.map((entry) => entry.uuid).sort()).toEqual(open.map((one) => one.uuid).sort());
    for (const entry of entries) {
      const [read] = readMisp(JSON.parse(files.get(`${entry.uuid}.json`) ?? '')).events;
      const source = open.find((one) => one.uuid === entry.uuid);
      expect(read).toEqual(source);
      expect([entry.timestamp, entry.info, entry.org]).toEqual([source?.timestamp, source?.info, source?.orgc?.uuid ?? null]);
    }
    const hashes = [...readHashes(files.get('hashes.csv') ?? '')];
    expect(hashes.every((hash) => 'md5' in hash)).toBe(true);
    expect(hashes).toHaveLength(open.flatMap(hashLines).length);
  }), { numRuns: 30 });
});

test('a feed holds nothing that is local, deleted, or for fewer', () => {
  fc.assert(fc.property(event, (one) => {
    const { event: out, losses } = feedEvent(one);
    const all = [...out.attributes, ...out.objects, ...out.objects.flatMap((o) => o.attributes), ...out.reports];
    expect(all.some((thing) => thing.deleted || thing.sharingGroup || [0, 4].includes(thing.distribution))).toBe(false);
    expect([...out.tags, ...out.attributes.flatMap((a) => a.tags)].some((tag) => tag.local)).toBe(false);
    const left = one.attributes.length - out.attributes.length + one.objects.length - out.objects.length + one.reports.length - out.reports.length;
    expect(losses.length).toBeGreaterThanOrEqual(left);
    expect(isOpen({ ...one, distribution: 4 })).toBe(false);
  }), { numRuns: 100 });
});

test('both halves of a value are hashed, and what is no hash is told by its line', () => {
  const [one] = readMisp({ ...least, Attribute: [{ uuid: uuid.replace('5', '6'), type: 'domain|ip', value: 'a|b' }] }).events;
  // MD5 of `a` and of `b`.
  expect(one && hashLines(one)).toEqual([`0cc175b9c0f1b6a831c399e269772661,${uuid}`, `92eb5ffee6ae2fec3ad71c777531578f,${uuid}`]);
  expect([...readHashes(`x\n\n0cc175b9c0f1b6a831c399e269772661,${uuid}\r\n`)]).toEqual([{ line: 1 }, { md5: '0cc175b9c0f1b6a831c399e269772661', uuid }]);
});

test('a manifest whose names would lead elsewhere is refused entry by entry', () => {
  expect(readManifest({ '../../etc/passwd': {}, [uuid]: { timestamp: '1' } }))
    .toMatchObject({ entries: [{ uuid }], problems: [{ path: '/..~1..~1etc~1passwd' }] });
  expect(readManifest([])).toMatchObject({ entries: [], problems: [{}] });
});
