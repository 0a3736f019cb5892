/** Which order of versions an ecosystem, a package URL or a CVE record means, and the comparison itself. */
import { apk, deb, rpm } from './distro.ts';
import { composer, gem, generic } from './loose.ts';
import { maven } from './maven.ts';
import { longestVersion, type Compare } from './order.ts';
import { pypi } from './pypi.ts';
import { nuget, semver } from './semver.ts';

export const schemes = ['semver', 'npm', 'pypi', 'deb', 'rpm', 'apk', 'maven', 'golang', 'gem', 'nuget', 'composer', 'generic'] as const;
export type Scheme = typeof schemes[number];

const orders: Readonly<Record<Scheme, Compare>> = {
  semver, npm: semver, golang: semver, pypi, deb, rpm, apk, maven, gem, nuget, composer, generic,
};

/** Null where one of them is no version of the scheme. */
export function compareVersions(scheme: Scheme, one: string, other: string): number | null {
  if (one.length > longestVersion || other.length > longestVersion) return null;
  return one === other ? 0 : orders[scheme](one, other);
}

const ofTypes: Readonly<Record<string, Scheme>> = {
  npm: 'npm', pypi: 'pypi', deb: 'deb', rpm: 'rpm', apk: 'apk', maven: 'maven', golang: 'golang', gem: 'gem', nuget: 'nuget', composer: 'composer',
  cargo: 'semver', hex: 'semver', pub: 'semver', swift: 'semver', cocoapods: 'semver', github: 'generic', generic: 'generic',
};
/** Of a type of package URL. Null: nobody here knows its order. */
export const schemeOfType = (type: string): Scheme | null => ofTypes[type] ?? null;

const ofEcosystems: Readonly<Record<string, Scheme>> = {
  npm: 'npm', pypi: 'pypi', 'crates.io': 'semver', go: 'golang', maven: 'maven', rubygems: 'gem', nuget: 'nuget', packagist: 'composer', hex: 'semver',
  pub: 'semver', swifturl: 'semver', debian: 'deb', ubuntu: 'deb', echo: 'deb', alpine: 'apk', wolfi: 'apk', chainguard: 'apk', 'rocky linux': 'rpm',
  almalinux: 'rpm', 'red hat': 'rpm', suse: 'rpm', opensuse: 'rpm', mageia: 'rpm', openeuler: 'rpm', 'azure linux': 'rpm',
};
/** Of an ecosystem of OSV, with or without what follows its colon. */
export const schemeOfEcosystem = (name: string): Scheme | null => ofEcosystems[name.split(':', 1)[0]?.toLowerCase() ?? ''] ?? null;

const ofKinds: Readonly<Record<string, Scheme>> = {
  semver: 'semver', python: 'pypi', pypi: 'pypi', maven: 'maven', rpm: 'rpm', npm: 'npm', deb: 'deb', dpkg: 'deb', custom: 'generic', date: 'generic',
    '': 'generic',
};
/** Of a `versionType` of a CVE record. `git` has no order of its own. */
export const schemeOfVersionType = (type: string): Scheme | null => (type.toLowerCase() === 'git' ? null : ofKinds[type.toLowerCase()] ?? 'generic');
