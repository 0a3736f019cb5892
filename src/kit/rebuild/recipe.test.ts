import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates, clockWords, isProduct, planOf, recipe, recipeText } from './recipe.ts';

const plain = recipe.parse({ v: 1, name: 'x', kind: 'plain', source: 'x', steps: [['make']], products: ['out/x-*.bin'] });

describe('a recipe', () => {
  test('has one digest wherever its source lies', () => expect(recipeText(plain)).toBe(recipeText({ ...plain, source: 'elsewhere' })));
  test('names no place outside the source', () => {
    for (const products of [['../x'], ['/etc/x'], ['a/../../b']]) expect(recipe.safeParse({ ...plain, products }).success).toBe(false);
  });
  test('runs its commands with each fact set, and with nothing else changed', () => {
    const base = planOf(plain, [], null);
    expect(base).toMatchObject({ at: '/tmp/build', commands: [['make']] });
    expect(planOf(plain, [{ name: 'clock', value: '2022-12-26T15:30:00Z' }], null).commands).toEqual([['faketime', '-f', '@2022-12-26 15:30:00', 'make']]);
    expect(planOf(plain, [{ name: 'locale', value: 'C' }], null)).toEqual({ ...base, environment: { ...base.environment, LC_ALL: 'C' } });
    expect(planOf(plain, [{ name: 'parallelism', value: '3' }], null).environment).toMatchObject({ MAKEFLAGS: '-j3',
      DEB_BUILD_OPTIONS: 'nocheck parallel=3' });
  });
  test('is tried with a clock only where one is known', () => {
    expect(candidates(null, []).map((f) => f.name)).not.toContain('clock');
    expect(candidates('2022-12-26T15:30:00Z', [])[0]).toEqual({ name: 'clock', value: '2022-12-26T15:30:00Z' });
    expect(clockWords('2022-12-26T15:30:00.000Z')).toBe('2022-12-26 15:30:00');
  });
  test('knows its products by name, whatever signs are in it', () => {
    expect(isProduct(['out/x-*.bin'], 'out/x-1.bin')).toBe(true);
    expect(isProduct(['out/x-*.bin'], 'out/x-/1.bin')).toBe(false);
    expect(isProduct(['a+b.(c)'], 'a+b.(c)')).toBe(true);
    fc.assert(fc.property(fc.string(), (name) => { expect(isProduct([name.replaceAll('*', '')], name.replaceAll('*', ''))).toBe(true); }));
  });
});
