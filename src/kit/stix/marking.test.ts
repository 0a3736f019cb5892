import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iepExtension, iepOfMarking, readIep } from './iep.ts';
import { definitionsIn, languageAt, levelOf, markingsAt, markingsOf } from './marking.ts';
import type { StixObject } from './object.ts';
import { covers, parseSelector, selected, selectorText } from './selector.ts';
import { forgesTlp, narrower, tlp1Markings, tlp2Markings, tlpLevels, tlpOfId, tlpOfMarking, tlpOfWord, withinTlp } from './tlp.ts';

const idOf = (object: StixObject): string => String(object['id']);
const none = definitionsIn([]);
const statement = {
  type: 'marking-definition', spec_version: '2.1', id: 'marking-definition--4a0042fe-8b88-40fe-9600-dfa128ce6fbd', created: '2016-08-01T00:00:00.000Z',
  definition_type: 'statement', definition: { statement: 'Ours' },
};
const object = {
  type: 'campaign', id: 'campaign--12a111f0-b824-4baf-a224-83b80237a094', name: 'a', description: 'b', lang: 'en', labels: ['heartbleed', 'has-logo'],
  external_references: [{ source_name: 'cve', external_id: 'CVE-2014-0160' }],
};
const granular = (level: keyof typeof tlp2Markings, ...selectors: string[]): object => ({ marking_ref: idOf(tlp2Markings[level]), selectors });

describe('TLP', () => {
  test('is one scale for both versions, by id, by definition and by word', () => {
    expect(tlpLevels).toEqual(['clear', 'green', 'amber', 'amber+strict', 'red']);
    for (const markings of [tlp1Markings, tlp2Markings]) for (const [level, marking] of Object.entries(markings)) {
      expect([tlpOfId(idOf(marking)), tlpOfMarking(marking)]).toEqual([level, level]);
      expect(tlpOfWord(marking['name'])).toBe(level);
    }
    expect([tlpOfWord('TLP:WHITE'), tlpOfWord('Amber Strict'), tlpOfWord('amber'), tlpOfWord('purple'), tlpOfWord(7)]).toEqual(['clear', 'amber+strict',
      'amber', null, null]);
    expect(tlpOfId(idOf(tlp1Markings.amber))).toBe('amber');
    expect(tlpOfMarking(statement)).toBeNull();
    expect(tlpOfMarking({ definition_type: 'tlp', definition: { tlp: 'purple' } })).toBe('unknown');
    expect(tlpOfMarking({ definition_type: 'tlp', definition: { tlp: 'green' }, extensions: tlp2Markings.red['extensions'] })).toBe('red');
    expect(tlpOfMarking({ definition_type: 'tlp' })).toBe('unknown');
  });
  test('orders levels, AMBER+STRICT between AMBER and RED', () => {
    for (const [i, a] of tlpLevels.entries()) for (const [j, b] of tlpLevels.entries()) {
      expect(narrower(a, b)).toBe(tlpLevels[Math.max(i, j)]);
      expect(withinTlp(a, b)).toBe(i <= j);
    }
  });
  test('knows when somebody gives a fixed id another meaning', () => {
    expect(forgesTlp({ ...tlp1Markings.red, definition: { tlp: 'white' } })).toBe(true);
    expect(forgesTlp({ ...tlp2Markings.red, extensions: tlp2Markings.clear['extensions'] })).toBe(true);
    for (const marking of [...Object.values(tlp1Markings), ...Object.values(tlp2Markings)]) expect(forgesTlp(marking)).toBe(false);
    // MITRE and others send them as of 2.0, with fewer zeros.
    const { name, spec_version, ...bare } = tlp1Markings.red;
    expect([name, spec_version, forgesTlp({ ...bare, created: '2017-01-20T00:00:00Z' })]).toEqual(['TLP:RED', '2.1', false]);
    expect(forgesTlp(statement)).toBe(false);
  });
});

describe('the level of an object', () => {
  test('is the narrowest of its own and of every granular marking', () => {
    const marked = { ...object, object_marking_refs: [idOf(tlp2Markings.green)], granular_markings: [granular('amber', 'name'), granular('red',
      'description')] };
    expect(levelOf(marked, none)).toEqual({ level: 'red', problems: [], others: [], policies: [] });
    expect(levelOf({ ...object, object_marking_refs: [idOf(tlp1Markings.clear)] }, none).level).toBe('clear');
    expect(levelOf(object, none)).toMatchObject({ level: null, problems: [] });
  });
  test('counts a marking whose selectors are broken, and says so', () => {
    const { level, problems } = levelOf({ ...object, granular_markings: [granular('red', 'pattern', 'labels.name', 'description.[0]', 'labels.[2]',
      'a..b')] }, none);
    expect(level).toBe('red');
    expect(problems.map((p) => [p.code, p.path.slice(-1)])).toEqual([
      ['selects-nothing', '0'], ['selects-nothing', '1'], ['selects-nothing', '2'], ['selects-nothing', '3'], ['bad-selector', '4'],
    ]);
  });
  test('reports what nobody sent, and what nobody knows', () => {
    const purple = { ...statement, id: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ee', definition_type: 'tlp', definition: { tlp: 'purple' } };
    const marked = { ...object, object_marking_refs: [idOf(statement), purple.id, idOf(tlp2Markings.green)] };
    expect(levelOf(marked, none).problems.map((p) => [p.code, p.marking])).toEqual([['unresolved', idOf(statement)], ['unresolved', purple.id]]);
    expect(levelOf(marked, definitionsIn([statement, purple, purple]))).toEqual({
      level: 'green', others: [statement.id], policies: [],
      problems: [{ code: 'unknown-level', path: '/object_marking_refs', text: expect.any(String) as string, marking: purple.id }],
    });
  });
  test('is not lowered by an object that somebody sends under a fixed id', () => {
    const forged = { ...tlp1Markings.red, definition: { tlp: 'white' } };
    expect(levelOf({ ...object, object_marking_refs: [idOf(forged)] }, definitionsIn([forged])).level).toBe('red');
  });
  test('never throws and never widens when a marking is added', () => {
    const anyMarking = fc.constantFrom(...Object.values(tlp1Markings), ...Object.values(tlp2Markings), statement).map(idOf);
    fc.assert(fc.property(
      fc.array(anyMarking, { maxLength: 4 }), fc.array(fc.record({ selectors: fc.jsonValue(), marking_ref: fc.oneof(anyMarking, fc.jsonValue()) }),
        { maxLength: 3 }), anyMarking,
      (refs, parts, more) => {
        const definitions = definitionsIn([statement]);
        const before = levelOf({ ...object, object_marking_refs: refs, granular_markings: parts }, definitions).level;
        for (const after of [
          levelOf({ ...object, object_marking_refs: [...refs, more], granular_markings: parts }, definitions).level,
          levelOf({ ...object, object_marking_refs: refs, granular_markings: [...parts, { selectors: ['name'], marking_ref: more }] }, definitions).level,
        ]) expect(after === before || before === null || (after !== null && withinTlp(before, after))).toBe(true);
      },
    ));
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const marked = { object_marking_refs: a, granular_markings: b };
      expect(levelOf(marked, none).problems.length).toBeGreaterThanOrEqual(markingsOf(marked).problems.length);
    }));
  });
});

describe('granular markings', () => {
  test('select as the standard shows it', () => {
    const at = (text: string): unknown => {
      const steps = parseSelector(text);
      return steps && selected(object, steps)?.value;
    };
    expect(at('external_references.[0].source_name')).toBe('cve');
    expect(at('labels.[0]')).toBe('heartbleed');
    expect(at('labels')).toEqual(['heartbleed', 'has-logo']);
    expect([at('pattern'), at('external_references.[3]'), at('description.[0]'), at('labels.name'), at('constructor')]).toEqual(Array(5).fill(undefined));
    for (const bad of ['', '.', 'a.', '.a', '[0]', 'a.[01]', 'a.[-1]', 'a.[*]', 'a[0]', 'a b', '$.a', 'a.[0', `${'a.'.repeat(64)}a`, 7, null]) {
      expect(parseSelector(bad), String(bad)).toBeNull();
    }
    expect(selectorText(parseSelector('external_references.[0].source_name') ?? [])).toBe('external_references.[0].source_name');
  });
  test('are inherited by what lies within, and by nothing else', () => {
    const marked = { ...object, object_marking_refs: [idOf(tlp2Markings.green)], granular_markings: [granular('red', 'external_references'),
      granular('amber', 'labels.[0]')] };
    expect(markingsAt(marked, ['external_references', 0, 'source_name'])).toEqual([idOf(tlp2Markings.green), idOf(tlp2Markings.red)]);
    expect(markingsAt(marked, ['labels', 0])).toEqual([idOf(tlp2Markings.green), idOf(tlp2Markings.amber)]);
    expect(markingsAt(marked, ['labels', 1])).toEqual([idOf(tlp2Markings.green)]);
    expect(markingsAt(marked, ['labels'])).toEqual([idOf(tlp2Markings.green)]);
    expect(covers(['a'], ['ab'])).toBe(false);
  });
  test('say the language of a part', () => {
    const marked = { ...object, granular_markings: [{ lang: 'de', selectors: ['description', 'external_references'] }, { lang: 'vi',
      selectors: ['external_references.[0]'] }] };
    expect([['name'], ['description'], ['external_references'], ['external_references', 0, 'source_name']].map((place) => languageAt(marked, place)))
      .toEqual(['en', 'de', 'de', 'vi']);
    expect(languageAt({}, ['name'])).toBe('en');
    expect(markingsOf({ ...object, granular_markings: [
      { lang: 'de', marking_ref: idOf(statement), selectors: ['name'] }, { selectors: ['name'] }, { lang: 'deutsch!', selectors: ['name'] },
        { lang: 'de', selectors: [] }, 7,
    ] }).problems.map((p) => p.path)).toEqual(['/granular_markings/0', '/granular_markings/1', '/granular_markings/2/lang',
      '/granular_markings/3/selectors', '/granular_markings/4']);
  });
  test('do not let a marking definition mark itself', () => {
    expect(markingsOf({ ...statement, object_marking_refs: [statement.id] }).problems.map((p) => p.code)).toEqual(['circular']);
  });
});

describe('an information exchange policy', () => {
  // Ours, in the form of FIRST's JSON specification 2.0.
  const policy = {
    id: '0d7c52b2-4d0f-4a3e-8f46-0d8d5d6c0001', name: 'Programme AMBER', description: 'For members', iep_version: 2.0,
      start_date: '2026-01-01T00:00:00Z', end_date: null,
    encrypt_in_transit: 'must', permitted_actions: 'internally-visible-actions', affected_party_notifications: 'may', tlp: 'amber', attribution: 'must-not',
    unmodified_resale: 'must-not', external_references: ['https://example.org/policy'],
  };
  test('is read in full, and what is missing or unknown is told', () => {
    expect(readIep(policy)).toEqual({
      problems: [],
      policy: {
        id: policy.id, name: 'Programme AMBER', description: 'For members', start: expect.objectContaining({ text: policy.start_date }) as object,
          end: null,
        encryptInTransit: 'must', permittedActions: 'internally-visible-actions', affectedPartyNotifications: 'may', tlp: 'amber', attribution: 'must-not',
        unmodifiedResale: 'must-not', externalReferences: ['https://example.org/policy'],
      },
    });
    const bad = readIep({ ...policy, permitted_actions: 'everything', tlp: undefined, iep_version: 1, end_date: '2025-01-01T00:00:00Z' });
    expect(bad.problems.map((p) => p.path)).toEqual(['/permitted_actions', '/tlp', '/iep_version', '/end_date']);
    expect([bad.policy.permittedActions, bad.policy.tlp]).toEqual([null, null]);
    expect(readIep({ ...policy, encrypt_in_transit: 'MUST', attribution: 'MUST NOT' }).policy).toMatchObject({ encryptInTransit: 'must',
      attribution: 'must-not' });
    expect(readIep(null).problems.length).toBe(8);
  });
  test('comes as an extension of OASIS, or under definition', () => {
    const { id, name, attribution, external_references, end_date, ...rest } = policy;
    const extended = {
      ...statement, name, definition: undefined, definition_type: undefined, external_references: [{ source_name: 'p', url: external_references[0] }],
      extensions: { [iepExtension]: { extension_type: 'property-extension', ...rest, iep_id: id, provider_attribution: attribution, iep_version: '2.0' } },
    };
    expect(end_date).toBeNull();
    expect(iepOfMarking(extended)).toEqual(readIep(policy));
    expect(iepOfMarking({ ...statement, definition_type: 'iep', definition: policy })).toEqual(readIep(policy));
    expect(iepOfMarking({ ...statement, definition_type: 'x-first-iep-2.0', definition: { iep: policy } })).toEqual(readIep(policy));
    expect(iepOfMarking(statement)).toBeNull();
    const marked = levelOf({ ...object, object_marking_refs: [statement.id] }, definitionsIn([extended]));
    expect(marked).toMatchObject({ level: 'amber', others: [statement.id], policies: [{ marking: statement.id, policy: { encryptInTransit: 'must' } }] });
    const silent = { ...statement, definition_type: 'iep', definition: { ...policy, tlp: null } };
    expect(levelOf({ ...object, object_marking_refs: [statement.id] }, definitionsIn([silent])).problems.map((p) => p.code)).toEqual(['unknown-level']);
  });
  test('is read from anything without a throw', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(readIep(value).problems.length).toBeGreaterThanOrEqual(0);
      iepOfMarking({ definition_type: 'iep', definition: value, extensions: { [iepExtension]: value } });
    }));
  });
});
