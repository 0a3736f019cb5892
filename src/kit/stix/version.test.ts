import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { meaningText, versionOf, type StixObject } from './object.ts';
import { stixObject } from './testing.ts';
import { parseTime, timeText } from './time.ts';
import { compareVersions, derive, judge, knownOf, latestOf, mayVersion, newVersion, revoke, type KnownObject, type Offer } from './version.ts';

const mallory = 'identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3a';
const maker = 'identity--f431f809-377b-45e0-aa1c-6a4751cae5ff';
const at = (second: number, more: object = {}): StixObject => ({
  type: 'tool', spec_version: '2.1', id: 'tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', created: '2026-01-01T00:00:00.000Z', created_by_ref: maker,
  modified: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`, name: 'x', ...more,
});
const version = (object: StixObject) => {
  const found = versionOf(object);
  if (!found) throw new Error('no version');
  return found;
};
const known = (objects: readonly StixObject[], source = 'ours'): KnownObject => {
  const [first] = objects.map(version);
  return { versions: objects.map((o) => knownOf(o, version(o))), created: first?.created ?? null, createdBy: first?.createdBy ?? null, source };
};
const offer = (object: StixObject, source = 'ours', creators: readonly string[] = [maker]): Offer =>
  ({ version: version(object), meaning: meaningText(object), source, speaksFor: (creator) => creators.includes(creator) });
const outcome = (objects: readonly StixObject[], object: StixObject, source?: string, creators?: readonly string[]): string =>
  judge(objects.length ? known(objects) : null, offer(object, source, creators)).outcome;

describe('an offered version', () => {
  test('is the first, a newer, an older, or known', () => {
    expect(outcome([], at(5))).toBe('first');
    expect(outcome([at(5)], at(6))).toBe('newer');
    expect(outcome([at(5), at(7)], at(6))).toBe('older');
    expect(outcome([at(5), at(7)], at(5))).toBe('duplicate');
    expect(outcome([at(5)], at(5, { revoked: false }))).toBe('duplicate');
    expect(outcome([at(5)], at(5, { modified: '2026-01-01T00:00:05.0000000001Z' }))).toBe('newer');
  });
  test('conflicts where it has the same time and says something else', () => {
    expect(outcome([at(5)], at(5, { name: 'y' }))).toBe('conflict');
    expect(outcome([at(5), at(7)], at(5, { revoked: true }))).toBe('conflict');
    // The same moment in another spelling is the same version, and another representation of it.
    expect(outcome([at(5)], at(5, { modified: '2026-01-01T00:00:05.0000Z' }))).toBe('conflict');
  });
  test('after a revocation is refused; one before it is only old', () => {
    const revoked = at(6, { revoked: true });
    expect(outcome([at(5), revoked], at(7))).toBe('after-revocation');
    expect(outcome([at(5), revoked], at(7, { revoked: true }))).toBe('after-revocation');
    expect(outcome([at(4), revoked], at(5))).toBe('older');
    expect(judge(known([at(5), at(7)]), offer(at(6, { revoked: true })))).toMatchObject({ outcome: 'older', accepted: true, contradicts: true });
  });
  test('comes from its creator only, whoever passes on what is known', () => {
    expect(outcome([at(5)], at(6, { name: 'evil' }), 'theirs', [])).toBe('not-creator');
    expect(outcome([at(5)], at(6, { name: 'evil', created_by_ref: mallory }), 'theirs', [mallory])).toBe('not-creator');
    expect(outcome([at(5)], at(5, { name: 'evil' }), 'theirs', [])).toBe('not-creator');
    expect(outcome([at(5)], at(6, { revoked: true }), 'theirs', [])).toBe('not-creator');
    expect(outcome([at(5)], at(5), 'theirs', [])).toBe('duplicate');
    expect(outcome([at(5)], at(6), 'theirs', [maker])).toBe('newer');
    const unnamed = (second: number) => at(second, { created_by_ref: undefined });
    const strip = (o: StixObject): StixObject => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined));
    expect(outcome([strip(unnamed(5))], strip(unnamed(6)), 'ours', [])).toBe('newer');
    expect(outcome([strip(unnamed(5))], strip(unnamed(6)), 'theirs', [])).toBe('not-creator');
    expect(mayVersion(known([at(5)]), { source: 'ours', speaksFor: () => false })).toBe(false);
  });
  test('keeps creator and time of creation', () => {
    expect(outcome([at(5)], at(6, { created: '2025-01-01T00:00:00.000Z' }))).toBe('changed-origin');
    expect(outcome([at(5)], at(6, { created_by_ref: mallory }))).toBe('changed-origin');
  });
  test('of an observable is none, and a marking definition has one', () => {
    const url = { type: 'url', id: 'url--c1477287-23ac-5971-a010-5c287877fa60', value: 'https://a.example/' };
    expect([outcome([url], url), outcome([url], { ...url, defanged: true })]).toEqual(['duplicate', 'variant']);
    const marking = {
      type: 'marking-definition', spec_version: '2.1', id: 'marking-definition--4a0042fe-8b88-40fe-9600-dfa128ce6fbd', created: '2016-08-01T00:00:00.000Z',
      definition_type: 'statement', definition: { statement: 'a' }, created_by_ref: maker,
    };
    expect(outcome([marking], { ...marking, definition: { statement: 'b' } })).toBe('conflict');
    expect(outcome([marking], { ...marking, created: '2017-08-01T00:00:00.000Z' })).toBe('changed-origin');
  });
  test('is judged the same in whatever order the known ones came, and the store ends the same', () => {
    const some = fc.array(fc.record({ second: fc.nat({ max: 5 }), name: fc.constantFrom('x', 'y'), revoked: fc.boolean() }), { minLength: 1, maxLength: 6 })
      .map((list) => list.map(({ second, ...more }) => at(second, more)));
    fc.assert(fc.property(some, some.map((s) => s[0] as StixObject), (objects, next) => {
      expect(outcome([...objects].reverse(), next)).toBe(outcome(objects, next));
    }));
    // Whatever comes in whatever order, what is accepted never holds two meanings of one time.
    fc.assert(fc.property(some, (objects) => {
      const kept: StixObject[] = [];
      for (const object of objects) {
        const { outcome: what, accepted } = judge(kept.length ? known(kept) : null, offer(object));
        if (accepted && what !== 'duplicate') kept.push(object);
      }
      expect(new Set(kept.map((o) => o['modified'])).size).toBe(kept.length);
      const latest = latestOf(kept.map(version));
      expect(kept.every((o) => compareVersions(version(o).version, latest?.version ?? null) <= 0)).toBe(true);
    }));
  });
});

describe('a new version', () => {
  const now = parseTime('2026-03-01T10:00:00.123456Z')?.us ?? 0n;
  test('is later, valid, and a version of the same object', () => {
    fc.assert(fc.property(stixObject('indicator'), fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n }), (object, us) => {
      const made = newVersion(object, { description: 'new' }, us);
      expect('refused' in made).toBe(object['revoked'] === true);
      if ('refused' in made) return;
      expect(compareVersions(version(made.object).version, version(object).version)).toBe(1);
      expect(check(made.object).valid).toBe(true);
      expect(outcome([object], made.object, 'ours', [String(object['created_by_ref'])])).toBe('newer');
    }));
    expect(newVersion(at(5), { name: 'y', labels: null }, now)).toEqual({ object: at(5, { name: 'y', modified: '2026-03-01T10:00:00.123Z' }) });
    // A clock that is behind does not make a version that is behind.
    expect(newVersion(at(5, { modified: '2027-01-01T00:00:00.0005Z' }), {}, now)).toMatchObject({ object: { modified: '2027-01-01T00:00:00.001Z' } });
  });
  test('does not touch what makes the object, nor what was revoked, nor what has no versions', () => {
    const refused = (made: object): boolean => 'refused' in made;
    expect(refused(newVersion(at(5), { created: timeText(now) }, now))).toBe(true);
    expect(refused(newVersion(at(5), { id: at(5)['id'] }, now))).toBe(false);
    const revoked = revoke(at(5), now);
    expect(revoked).toEqual({ object: at(5, { revoked: true, modified: '2026-03-01T10:00:00.123Z' }) });
    if ('object' in revoked) expect([refused(revoke(revoked.object, now)), refused(newVersion(revoked.object, { name: 'z' }, now))]).toEqual([true, true]);
    expect(refused(newVersion({ type: 'url', id: 'url--c1477287-23ac-5971-a010-5c287877fa60', value: 'x' }, {}, now))).toBe(true);
  });
  test('by another is another object that says where it comes from', () => {
    const uuids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
    const made = derive(at(5, { revoked: true }), { name: 'mine' }, { creator: mallory, nowUs: now, uuids });
    if ('refused' in made) throw new Error(made.refused);
    expect([check(made.object).problems, check(made.relationship).problems]).toEqual([[], []]);
    expect(made.object).toMatchObject({ id: `tool--${uuids[0]}`, name: 'mine', created_by_ref: mallory, created: '2026-03-01T10:00:00.123Z' });
    expect(made.relationship).toMatchObject({ relationship_type: 'derived-from', source_ref: `tool--${uuids[0]}`, target_ref: at(5)['id'] });
    expect('refused' in derive({ type: 'url' }, {}, { creator: mallory, nowUs: now, uuids })).toBe(true);
  });
});
