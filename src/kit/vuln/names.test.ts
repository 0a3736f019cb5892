/** Package URLs, names of platforms and ranges: examples of their standards, and that what is printed is read as the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpeCovers, cpeKey, cpeMeets, cpeText, readCpe, relationOf, type Cpe } from './cpe.ts';
import { purlKey, purlText, readPurl } from './purl.ts';
import { judge, spansOfCve, spansOfEvents, type Coverage, type OsvEvent } from './range.ts';
import { readVers } from './vers.ts';

const canon = (text: string): string => {
  const read = readPurl(text);
  return 'purl' in read ? purlText(read.purl) : `! ${read.fault.at}`;
};
const cpe = (text: string): Cpe => {
  const read = readCpe(text);
  if ('fault' in read) throw new Error(`${text}: ${read.fault.text}`);
  return read.cpe;
};

describe('package URLs', () => {
  test.each([
    ['pkg:npm/%40angular/animation@12.3.1', 'pkg:npm/%40angular/animation@12.3.1'],
    ['pkg:npm/@Angular/Animation@12.3.1', 'pkg:npm/%40angular/animation@12.3.1'],
    ['pkg:NPM/lodash', 'pkg:npm/lodash'], ['pkg://npm/lodash', 'pkg:npm/lodash'],
    ['pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?repository_url=repo.spring.io/release&packaging=sources',
      'pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?packaging=sources&repository_url=repo.spring.io%2Frelease'],
    ['pkg:pypi/Django_package@1.11.1.dev1', 'pkg:pypi/django-package@1.11.1.dev1'],
    ['pkg:golang/google.golang.org/genproto#/googleapis/api/../annotations/', 'pkg:golang/google.golang.org/genproto#googleapis/api/annotations'],
    ['pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie', 'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie'],
    ['pkg:rpm/Fedora/curl@7.50.3-1.fc25', 'pkg:rpm/fedora/curl@7.50.3-1.fc25'], ['pkg:gem/ruby-advisory-db-check@0.12.4',
      'pkg:gem/ruby-advisory-db-check@0.12.4'],
    ['pkg:cargo/a@1.0+b', 'pkg:cargo/a@1.0%2Bb'], ['pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c', 'pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c'],
    ['npm/lodash', '! 0'], ['pkg:npm', '! 7'], ['pkg:npm/', '! 8'], ['pkg:1x/a', '! 4'], ['pkg:npm/a@%zz', '! 9'], ['pkg:npm/a?b=1&b=2', '! 9'],
  ])('%s', (text, want) => expect(canon(text)).toBe(want));
  test('one package has one key', () => {
    expect(['pkg:npm/lodash@4', 'pkg:npm/Lodash?a=b#c'].map((t) => purlKey((readPurl(t) as { purl: never }).purl))).toEqual(['pkg:npm/lodash',
      'pkg:npm/lodash']);
  });
  test('what is printed is read as the same', () => {
    const near = fc.tuple(fc.constantFrom('pkg:npm/', 'pkg:maven/', 'pkg:pypi/', 'pkg:deb/', 'pkg:', ''), fc.string({ maxLength: 60,
      unit: 'binary' })).map((p) => p.join(''));
    fc.assert(fc.property(fc.oneof(near, fc.string({ maxLength: 200 })), (text) => {
      const read = readPurl(text);
      if ('fault' in read) expect(read.fault.at).toBeLessThanOrEqual(text.length);
      else expect(readPurl(purlText(read.purl))).toEqual(read);
    }), { numRuns: 5_000 });
  });
});

describe('names of platforms', () => {
  test.each([
    ['cpe:/a:microsoft:internet_explorer:8.0.6001:beta', 'cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*'],
    ['cpe:/a:microsoft:internet_explorer:8.%02:sp%01', 'cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*'],
    ['cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~', 'cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*'],
    ['cpe:/a:foo%5cbar:big%24money_2010:-', 'cpe:2.3:a:foo\\\\bar:big\\$money_2010:-:*:*:*:*:*:*:*'],
    ['cpe:2.3:a:foo\\\\bar:big\\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*', null], ['cpe:2.3:o:linux:linux_kernel:6.1\\-rc1:*:*:*:*:*:*:*',
      'cpe:2.3:o:linux:linux_kernel:6.1-rc1:*:*:*:*:*:*:*'],
  ])('%s', (text, want) => expect(cpeText(cpe(text))).toBe(want ?? text));
  test.each([['cpe:2.3:a:b', 11], ['cpe:2.3:x:b:c:*:*:*:*:*:*:*:*', 8], ['cpe:2.3:a:b c:c:*:*:*:*:*:*:*:*', 10], ['cpe:2.3:a::c:*:*:*:*:*:*:*:*', 10],
    ['cpe', 0], ['cpe:/a:b:c:d:e:f:g:h', 20], ['cpe:2.3:a:b:c:1*1:*:*:*:*:*:*:*', 14]])('%s is none', (text, at) => {
    expect(readCpe(text)).toMatchObject({ fault: { at } });
  });
  test('one value covers another as table 6-2 of NISTIR 7696 says', () => {
    const v = (text: string) => cpe(`cpe:2.3:a:b:c:${text}:*:*:*:*:*:*:*`).version;
    const rows = [['*', '*', 'equal'], ['*', '-', 'superset'], ['*', '1.0', 'superset'], ['*', '1.*', 'undefined'], ['-', '*', 'subset'], ['-', '-', 'equal'],
      ['-', '1.0', 'disjoint'], ['-', '1.*', 'undefined'], ['1.0', '1.0', 'equal'], ['1.0', '1.1', 'disjoint'], ['1.0', '1.*', 'undefined'], ['1.0', '-',
        'disjoint'],
      ['1.0', '*', 'subset'], ['1.*', '1.0', 'superset'], ['1.*', '2.0', 'disjoint'], ['1.?', '1.0', 'superset'], ['1.??', '1.0', 'superset'], ['1.?',
        '1.10', 'disjoint'],
      ['*.0', '1.0', 'superset'], ['1.*', '*', 'subset'], ['1.*', '-', 'disjoint'], ['1.*', '1.*', 'equal']] as const;
    expect(rows.map(([a, b]) => relationOf(v(a), v(b)))).toEqual(rows.map((r) => r[2]));
  });
  test('a name covers another, or meets it', () => {
    const [all, one, other] = ['*', '8.0', '9.0'].map((x) => cpe(`cpe:2.3:a:v:p:${x}:*:*:*:*:*:*:*`)) as [Cpe, Cpe, Cpe];
    expect([cpeCovers(all, one), cpeCovers(one, all), cpeMeets(one, all), cpeMeets(one, other), cpeMeets(one, other, ['version'])]).toEqual([true, false,
      true, false, true]);
    expect([cpeKey(one), cpeKey(cpe('cpe:2.3:a:v:p*:*:*:*:*:*:*:*:*'))]).toEqual(['cpe:a:v:p', 'cpe:a:v:*']);
  });
  test('what is printed is read as the same', () => {
    const part = fc.constantFrom('a', 'o', '*', '-', 'x1', '\\:', '\\*', '1.*', '??b', '\\\\', 'b~', '', '\\', '%02', '%21', '~');
    const text = fc.tuple(fc.constantFrom('cpe:2.3:', 'cpe:/'), fc.array(part, { maxLength: 13 })).map(([p, parts]) => p + parts.join(':'));
    fc.assert(fc.property(fc.oneof(text, fc.string()), (t) => {
      const read = readCpe(t);
      if ('fault' in read) expect(read.fault.at).toBeLessThanOrEqual(t.length);
      else expect(readCpe(cpeText(read.cpe))).toEqual(read);
    }), { numRuns: 5_000 });
  });
});

describe('ranges', () => {
  const coverage = (events: OsvEvent[], scheme: Coverage['scheme'] = 'semver'): Coverage =>
    ({ scheme, versions: [], spans: spansOfEvents(scheme, events), otherwise: 'not-affected' });
  const verdicts = (c: Coverage, versions: string): string => versions.split(' ').map((v) => judge(c, v).status[0]).join('');
  test('events of OSV are put in order, and each turns the state', () => {
    expect(verdicts(coverage([{ introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }]),
      '0.1.0 1.1.9 1.2.0 1.9.0 2.0.0 2.0.9 2.1.0')).toBe('aannaan');
    expect(verdicts(coverage([{ fixed: '2.1.0' }, { introduced: '2.0.0' }, { fixed: '1.2.0' }, { introduced: '0' }]), '0.1.0 1.2.0 2.0.0 2.1.0')).toBe('anan');
    expect(verdicts(coverage([{ introduced: '1.0.0' }, { last_affected: '1.5.0' }]), '0.9.0 1.0.0 1.5.0 1.5.1')).toBe('naan');
    expect(verdicts(coverage([{ introduced: '1.0.0' }, { limit: '2.0.0' }]), '1.5.0 2.0.0')).toBe('an');
    expect(verdicts(coverage([{ introduced: '0' }]), '0 99')).toBe('aa');
  });
  test('versions of CVE records, with what changes within', () => {
    const { spans } = spansOfCve({ version: '1.0', lessThan: '3.0', status: 'affected', changes: [{ at: '2.4', status: 'not-affected' }, { at: '2.6',
      status: 'affected' }] });
    const c: Coverage = { scheme: 'semver', versions: [], spans, otherwise: 'unknown' };
    expect('0.9 1.0 2.3 2.4 2.5 2.6 3.0'.split(' ').map((v) => judge(c, v).status)).toEqual(
      ['unknown', 'affected', 'affected', 'not-affected', 'not-affected', 'affected', 'unknown']);
    expect(spansOfCve({ version: '*', status: 'affected' }).spans).toHaveLength(1);
    expect(spansOfCve({ version: '0', lessThanOrEqual: '*', status: 'affected' }).spans[0]).toMatchObject({ from: null, to: null });
  });
  test('where no order is known nothing is guessed in silence', () => {
    expect(judge(coverage([{ introduced: 'abc' }, { fixed: 'def' }], null), 'xyz')).toMatchObject({ status: 'unknown', certain: false });
    expect(judge(coverage([{ introduced: '1a' }], 'generic'), '2')).toMatchObject({ status: 'affected', certain: false });
    expect(judge(coverage([{ introduced: '12.0' }], 'generic'), '11.9')).toMatchObject({ status: 'not-affected', certain: true });
    expect(judge(coverage([{ introduced: '1.0.0' }]), 'latest')).toMatchObject({ status: 'unknown', certain: false });
  });
  test.each([
    ['vers:npm/>=1.0.0|<2.0.0|!=1.5.0', '0.9.0 1.0.0 1.5.0 1.9.0 2.0.0', 'naxan'], ['vers:npm/1.0.0|>=2.0.0', '1.0.0 1.1.0 2.0.0', 'ana'],
    ['vers:npm/*', '1 2', 'aa'], ['vers:npm/<1.0.0|>=2.0.0|<3.0.0', '0.1.0 1.0.0 2.0.0 3.0.0', 'anan'], ['vers:npm/<1.0.0|<=2.0.0',
      '0.1.0 1.5.0 2.0.0 2.1.0', 'aaan'],
  ])('%s', (text, versions, want) => {
    const read = readVers(text);
    if ('fault' in read) throw new Error(read.fault.text);
    const { scheme, spans, not } = read.range;
    const c: Coverage = { scheme, spans: spans.map((s) => ({ ...s, status: 'affected' })), otherwise: 'not-affected', versions: [
      ...not.map((version) => ({ version, status: 'fixed' as const })), ...read.range.versions.map((version) => ({ version, status: 'affected' as const })),
    ] };
    expect(verdicts(c, versions).replaceAll('f', 'x')).toBe(want);
  });
  test.each([['npm/1', 0], ['vers:npm/', 9], ['vers:npm/>=1|%zz', 13]])('%s is no range', (text,
    at) => expect(readVers(text)).toMatchObject({ fault: { at } }));
  test('any text is a range or a fault', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('vers:', 'npm/', '>=', '<', '!=', '|', '1.0', '2.0', '*', '%41', '%', ' ')), (parts) => {
      const text = parts.join('');
      const read = readVers(text);
      if ('fault' in read) expect(read.fault.at).toBeLessThanOrEqual(text.length);
    }), { numRuns: 3_000 });
  });
});
