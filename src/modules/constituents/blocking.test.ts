/** What may be blocked, told by examples: the guards at their edges, and the forms as machines read them. */
import { describe, expect, test } from 'vitest';
import { Refusal } from '#kit/refusal';
import { bornCollisions, checkExpiry, linesOf, mostLines, readTarget, refuseTarget } from './rules/blocking.ts';
import { longestDays } from './rules/collisions.ts';
import { editionBytes } from './rules/editions.ts';
import { GuardReader, guardLinesMax, refuseGuardFile } from './rules/guards.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
};
const tried = (text: string): string => codeOf(() => refuseTarget(readTarget(text), ['hub.centre.example']));

describe('what is never blocked', () => {
  test.each([
    ['0.0.0.0/0', 'blocklist.too-wide'], ['8.0.0.0/15', 'blocklist.too-wide'], ['8.8.0.0/16', 'taken'], ['2a00::/31', 'blocklist.too-wide'],
    ['2a00:1::/32', 'taken'], ['10.1.2.3', 'blocklist.not-routable'], ['192.168.0.0/16', 'blocklist.not-routable'],
    ['127.0.0.1', 'blocklist.not-routable'],
    ['172.31.255.255', 'blocklist.not-routable'], ['172.32.0.1', 'taken'], ['224.0.0.1', 'blocklist.not-routable'],
    ['::1', 'blocklist.not-routable'],
    ['fe80::1', 'blocklist.not-routable'], ['ff02::1', 'blocklist.not-routable'], ['255.255.255.255', 'blocklist.not-routable'],
    ['com', 'blocklist.top-level'], ['vn.', 'blocklist.top-level'],
    ['co.uk', 'blocklist.public-suffix'], ['gov.vn', 'blocklist.public-suffix'], ['bad.gov.vn', 'taken'],
    ['hub.centre.example', 'blocklist.own-name'], ['centre.example', 'blocklist.own-name'], ['x.hub.centre.example', 'taken'],
    ['8.8.8.8/16', 'blocklist.not-a-prefix'], ['8.8.8', 'blocklist.not-a-prefix'], ['bücher.example', 'blocklist.not-a-name'],
    ['ftp://bad.example/', 'blocklist.not-an-address'], 
    [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(20)}.example`, 'blocklist.name-too-long'],
  ])('%s: %s', (text, code) => expect(tried(text)).toBe(code));

  test('longer than the longest term, or for no time at all', () => {
    const now = Date.parse('2026-06-15T00:00:00Z');
    const after = (ms: number) => codeOf(() => checkExpiry(new Date(now + ms).toISOString(), now));
    const day = 86_400_000;
    const tries = [0, 1, longestDays * day, longestDays * day + 1];
    expect(tries.map(after)).toEqual(['blocklist.term', 'taken', 'taken', 'blocklist.term']);
  });
});

test('a host of an address on the web is that name alone, or the address it is', () => {
  expect(readTarget('https://user@Bad.Example:8443/x?q#f')).toEqual({ kind: 'url-host', value: 'bad.example' });
  expect(readTarget('http://[2A00:1::7]/')).toEqual({ kind: 'ip', value: '2a00:1::7' });
  expect(readTarget('Bad.Example.')).toEqual({ kind: 'domain', value: 'bad.example' });
  expect(readTarget('8.8.8.8/32')).toEqual({ kind: 'ip', value: '8.8.8.8' });
});

test('what strangers share takes two people without any list', () => {
  const found = (text: string) => bornCollisions(readTarget(text)).map((c) => `${c.how} ${c.with} ${c.name}`);
  expect([found('github.io'), found('one.github.io'), found('100.112.0.9'), found('8.8.8.8')])
    .toEqual([['same shared-suffix github.io'], [], ['under shared-space 100.64.0.0/10'], []]);
});

test('lines have an upper number, and remarks are none', () => {
  expect(linesOf('# a\n\nb.example\r\n c.example ')).toEqual([{ line: 3, text: 'b.example' }, { line: 4, text: 'c.example' }]);
  expect(codeOf(() => linesOf('# nothing'))).toBe('blocklist.nothing');
  expect(codeOf(() => linesOf('a.example\n'.repeat(mostLines + 1)))).toBe('blocklist.too-many-lines');
});

test('each form as machines read it', () => {
  const until = '2026-07-01T00:00:00.000Z';
  const entry = (kind: 'ip' | 'cidr' | 'domain' | 'url-host', value: string) =>
    ({ id: `ble_${value}`, kind, value, ground: 'Decree 1', expiresAt: until });
  const made = editionBytes({ name: 'dns', purpose: 'dns', tlp: 'GREEN' }, 7, [
    entry('url-host', 'www.bad.example'), entry('domain', 'worse.example'), entry('ip', '8.8.8.8'), entry('cidr', '8.8.4.0/24'),
    entry('ip', '2a00:1::7'), entry('cidr', '2a00:1::/32'),
  ]);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  expect(text(made.plain)).toBe('2a00:1::/32\n8.8.4.0/24\nworse.example\n2a00:1::7\n8.8.8.8\nwww.bad.example\n');
  expect(text(made.hosts)).toBe('0.0.0.0 worse.example\n0.0.0.0 www.bad.example\n');
  expect(text(made.rpz)).toBe(['$TTL 60', '@ IN SOA localhost. hostmaster.localhost. 7 60 30 3600 60', '@ IN NS localhost.',
    '32.zz.1.2a00.rpz-ip CNAME .', '24.0.4.8.8.rpz-ip CNAME .', 'worse.example CNAME .', '*.worse.example CNAME .',
    '128.7.zz.1.2a00.rpz-ip CNAME .', '32.8.8.8.8.rpz-ip CNAME .', 'www.bad.example CNAME .', ''].join('\n'));
  const json = JSON.parse(text(made.json)) as { list: string; entries: { value: string; ground: string; expiresAt: string }[] };
  expect([json.list, json.entries.length, json.entries[2]]).toEqual(['dns', 6, entry('domain', 'worse.example')]);
  expect(text(editionBytes({ name: 'dns', purpose: 'dns', tlp: 'GREEN' }, 8, []).json))
    .toBe('{"list":"dns","purpose":"dns","tlp":"GREEN","entries":[]}\n');
});

test('a guard list has an upper number of lines, and says something', () => {
  expect(codeOf(() => refuseGuardFile({ problems: [], names: 0 }))).toBe('guard.empty');
  expect(codeOf(() => refuseGuardFile({ problems: [], names: guardLinesMax }))).toBe('taken');
  expect(codeOf(() => refuseGuardFile({ problems: [], names: guardLinesMax + 1 }))).toBe('guard.too-many-lines');
  const reader = new GuardReader(() => undefined);
  reader.push(Buffer.from([0x61, 0xff, 10]));
  reader.push(Buffer.from('a'.repeat(2_000)));
  reader.end();
  expect(reader.problems.map((p) => p.at)).toEqual(['line 1', 'line 2']);
});
