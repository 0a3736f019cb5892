import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterError, parseFilter } from './filter.ts';
import { changeOfAttributes, changeOfPatch, PatchError } from './patch.ts';

describe('filters', () => {
  test('what is written by the standard is read back', () => {
    const term = fc.tuple(fc.constantFrom('userName', 'EXTERNALID', 'active'), fc.oneof(fc.string(), fc.boolean()));
    fc.assert(fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), (terms) => {
      const text = terms.map(([name, value]) => `${name} eq ${JSON.stringify(value)}`).join(' and ');
      expect(parseFilter(text)).toEqual(terms.map(([name, value]) => ({ attribute: name.toLowerCase(), value })));
    }));
  });
  test('whatever else is sent is read or refused by name, and never takes long', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z eqnd"\\()]{0,300}$/)), (text) => {
      try {
        expect(parseFilter(text).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(FilterError);
      }
    }));
    const none = [
      '', 'x', 'userName', 'userName eq', 'userName eq 1', 'userName co "a"', 'userName eq "a" or active eq true', 'userName eq "a',
      '(userName eq "a")', 'a eq "x"and b eq "y"', `${'a'.repeat(5000)} eq true`,
    ];
    for (const text of none) {
      expect(() => parseFilter(text), text.slice(0, 40)).toThrow(FilterError);
    }
    expect(parseFilter('urn:ietf:params:scim:schemas:core:2.0:User:userName EQ "A"')).toEqual([{ attribute: 'username', value: 'A' }]);
  });
});

describe('patches', () => {
  const op = (path: string | undefined, value: unknown, how = 'replace') => changeOfPatch([{ op: how, ...(path === undefined ? {} : { path }), value }]);
  test('the forms that identity providers send come to the same', () => {
    expect(op('active', false)).toEqual({ active: false });
    expect(op('active', 'False', 'Replace')).toEqual({ active: false });
    expect(op(undefined, { active: false, unknown: 1 })).toEqual({ active: false });
    expect(op('urn:ietf:params:scim:schemas:core:2.0:User:displayName', 'Lan', 'Add')).toEqual({ name: 'Lan' });
    expect(op('emails[type eq "work"].value', 'a@b.example')).toEqual({ email: 'a@b.example' });
    expect(op('emails', [{ value: 'x@b.example' }, { value: 'a@b.example', primary: true }])).toEqual({ email: 'a@b.example' });
    expect(op('name', { givenName: 'Lan', familyName: 'Nguyen' })).toEqual({ name: 'Lan Nguyen' });
    expect(op('externalId', undefined, 'remove')).toEqual({ externalId: null });
    expect(changeOfPatch([{ op: 'replace', path: 'active', value: true }, { op: 'replace', path: 'active', value: false }])).toEqual({ active: false });
  });
  test.each([
    ['roles', ['administrator'], 'mutability'], ['roles[value eq "x"].value', 'administrator', 'mutability'], ['id', 'per_x', 'mutability'],
    ['meta.version', 'x', 'mutability'], ['password', 'x', 'invalidPath'], ['active', 'perhaps', 'invalidValue'], ['userName', '', 'invalidValue'],
    ['userName', { a: 1 }, 'invalidValue'], ['__proto__', { active: true }, 'invalidPath'], ['constructor', 1, 'invalidPath'],
  ])('%s is refused as %s', (path, value, scimType) => {
    expect(() => op(path, value)).toThrow(expect.objectContaining({ scimType }));
  });
  test('roles in an object of attributes: refused in a patch, let be in a whole', () => {
    expect(() => op(undefined, { roles: [{ value: 'principal' }] })).toThrow(PatchError);
    expect(changeOfAttributes({ roles: [{ value: 'principal' }], userName: 'a' }, false)).toEqual({ userName: 'a' });
  });
  test('whatever is sent is a change or a PatchError', () => {
    fc.assert(fc.property(fc.anything({ maxDepth: 4 }), (value) => {
      const ways = [
        () => changeOfPatch(value), () => changeOfPatch([value]), () => changeOfAttributes(value, true), () => changeOfAttributes(value, false),
      ];
      for (const read of ways) {
        try {
          expect(Object.keys(read()).every((key) => ['userName', 'externalId', 'name', 'email', 'active'].includes(key))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError);
        }
      }
    }));
  });
});
