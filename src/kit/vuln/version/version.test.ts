/** Orders of versions, each as a row of growing versions from its own standard, and pairs that are the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, schemeOfEcosystem, schemeOfVersionType, schemes, type Scheme } from './scheme.ts';

const growing: readonly (readonly [Scheme, string])[] = [
  // SemVer 2.0, sections 11 and the four numbers that registries know.
  ['semver', '0.9.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2 1.10 2 2.0.0.1'],
  ['golang', 'v0.0.0-20190101000000-abcdefabcdef v0.0.0-20200101000000-000000000000 v0.1.0 v1.0.0-rc1 v1.0.0 v1.2.3+incompatible v1.10.0'],
  // PEP 440, summary of permitted suffixes and relative ordering.
  ['pypi', '1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 '
    + '1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1'],
  // deb-version(7).
  ['deb', '1.0~~ 1.0~~a 1.0~ 1.0 1.0-1 1.0-1+b1 1.0a-1 1.0+dfsg-1 1.0.1 1.1.1k-1+deb11u1 1.1.1n-0+deb11u3 1.10 1:0.1'],
  ['rpm', '1.0~rc1-1 1.0-1 1.0-1.el8 1.0-2.el8 1.0-10.el8 1.0^git1-1 1.0.a-1 1.0.1-1 1.1 1:0.9-1'],
  ['apk', '1.1.1_alpha1 1.1.1_rc1 1.1.1 1.1.1-r1 1.1.1-r10 1.1.1_p1 1.1.1a 1.1.1k-r0 1.1.2'],
  // The POM reference, version order specification.
  ['maven', '1-alpha-1 1-beta 1-milestone-1 1-rc 1-snapshot 1 1-sp 1-abc 1-1 1.1-rc1 1.1 1.1.1 1.2 1.10 2-1 2.0.1'],
  ['gem', '1.0.0.a 1.0.0.beta1 1.0.0.pre 1.0.0.rc1 1.0 1.0.0.1 1.0.1 1.10'],
  ['nuget', '1.0.0-Alpha 1.0.0-beta 1.0.0 1.0.0.1 1.0.1'],
  ['composer', '1.0.0-dev 1.0.0-alpha1 1.0.0-beta1 1.0.0-RC1 v1.0.0 1.0.0-p1 1.0.1 1.10.0'],
  ['generic', '9.0-beta 9.0 9.0.1 9.0.1a 9.0.1k 10.0 2021.01'],
];
const same: readonly (readonly [Scheme, string, string])[] = [
  ['semver', 'v1.2.0', '1.2'], ['semver', '1.0.0+a', '1.0.0+b'], ['pypi', '1.0', '1.0.0'], ['pypi', '1.0.ALPHA-1', '1.0a1'], ['pypi', '1.0-1', '1.0.post1'],
  ['deb', '0:1.0-1', '1.0-1'], ['rpm', '1.0-1', '1.0'], ['rpm', '1.0.0-1', '1_0_0-1'], ['maven', '1', '1.0.0'], ['maven', '1.ga', '1-final'],
  ['maven', '1.0.RC2', '1.0-cr2'], ['maven', '1a1', '1-alpha-1'], ['gem', '1', '1.0.0'], ['nuget', '1.0.0-RC', '1.0.0-rc'], ['apk', '1.1.1-r0', '1.1.1'],
];

describe('versions', () => {
  test.each(growing)('%s grows', (scheme, row) => {
    const versions = row.split(' ');
    const wrong = versions.flatMap((a, i) => versions.slice(i + 1).flatMap((b) => {
      const [order, back] = [compareVersions(scheme, a, b), compareVersions(scheme, b, a)];
      return order !== null && back !== null && order < 0 && back > 0 ? [] : [`${a} < ${b}: ${order} ${back}`];
    }));
    expect(wrong).toEqual([]);
  });
  test.each(same)('%s: %s is %s', (scheme, a, b) => {
    expect([compareVersions(scheme, a, b), compareVersions(scheme, b, a)].map((x) => (x === 0 ? 0 : x))).toEqual([0, 0]);
  });
  test('what is no version of a scheme is told', () => {
    expect(compareVersions('semver', '1.0', 'latest')).toBeNull();
    expect(compareVersions('pypi', '1.0', '1.0 or so')).toBeNull();
    expect(compareVersions('deb', '1.0', 'a b')).toBeNull();
    expect(compareVersions('semver', '1.0', '9'.repeat(300))).toBeNull();
  });
  test('ecosystems and types name their order', () => {
    expect([schemeOfEcosystem('Debian:12'), schemeOfEcosystem('Go'), schemeOfEcosystem('Nothing')]).toEqual(['deb', 'golang', null]);
    expect([schemeOfVersionType('git'), schemeOfVersionType('SemVer'), schemeOfVersionType('whatever')]).toEqual([null, 'semver', 'generic']);
  });
  test('any order is one: of three, none is before itself, and two turned round are turned', () => {
    const sign = (n: number | null): number | null => (n === null ? null : Math.sign(n) || 0);
    const part = fc.constantFrom('0', '1', '01', '10', 'a', 'b', 'rc', 'alpha', 'beta', 'dev', 'post', 'final', 'sp', '~', '^', '-', '.', '_p', '-r1', '+',
      'x', ':');
    const version = fc.array(part, { minLength: 1, maxLength: 7 }).map((p) => `1${p.join('')}`);
    fc.assert(fc.property(fc.constantFrom(...schemes), version, version, version, (scheme, a, b, c) => {
      const [ab, ba, bc, ac] = [[a, b], [b, a], [b, c], [a, c]].map(([x = '', y = '']) => sign(compareVersions(scheme, x, y)));
      expect(compareVersions(scheme, a, a)).toBe(0);
      if (ab === null || ba === null || bc === null || ac === null || ab === undefined || bc === undefined || ba === undefined || ac === undefined) return;
      expect(ab + ba).toBe(0);
      // RPM without a release is no order of three: 1 is 1-1 and 1-2 alike, as its dependencies want it; the guess is none either.
      if (scheme !== 'rpm' && scheme !== 'generic' && scheme !== 'composer' && ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
    }), { numRuns: 10_000 });
  });
});
