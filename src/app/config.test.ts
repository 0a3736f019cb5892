import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, originOf, readConfig } from './config.ts';

test('a hub that asks nobody is given nobody to ask', () => {
  expect(readConfig({}).ENTENTE_OUTBOUND).toBe('open');
  expect(readConfig({ ENTENTE_OUTBOUND: 'none', ENTENTE_DB_URL: 'postgresql://u@h/db' }).ENTENTE_OUTBOUND).toBe('none');
  expect(() => readConfig({ ENTENTE_OUTBOUND: 'some' })).toThrow(/^ENTENTE_OUTBOUND /);
  for (const [key, value] of [['ENTENTE_SMTP_URL', 'smtps://h'], ['ENTENTE_WITNESSES', '/w'], ['ENTENTE_OIDC_ISSUER', 'https://id.example'],
    ['ENTENTE_OUTBOUND_ALLOW', '10.0.0.1:80']] as const) {
    expect(() => readConfig({ ENTENTE_OUTBOUND: 'none', [key]: value })).toThrow(new RegExp(`^${key} names another machine`));
    expect(readConfig({ [key]: value })).toBeDefined();
  }
});

test('sizes are bytes, or have a unit', () => {
  const { ENTENTE_UPLOAD_MAX, ENTENTE_DISK_FLOOR } = readConfig({});
  expect([ENTENTE_UPLOAD_MAX, ENTENTE_DISK_FLOOR]).toEqual([20 * 2 ** 30, 2 ** 30]);
  const of = (text: string): number => readConfig({ ENTENTE_UPLOAD_MAX: text }).ENTENTE_UPLOAD_MAX;
  expect(['0', '1500', '500MiB', '2 TiB'].map(of)).toEqual([0, 1500, 500 * 2 ** 20, 2 * 2 ** 40]);
  for (const wrong of ['-1', '1.5GiB', '20GB', 'much', '1e9', '99999999999']) {
    expect(() => of(wrong)).toThrow(/^ENTENTE_UPLOAD_MAX must be a size/);
  }
});

test('nothing given is the documented defaults', () => {
  expect(readConfig({})).toMatchObject({ ENTENTE_PORT: 8080, ENTENTE_ADDRESS: '127.0.0.1', ENTENTE_TRUSTED_PROXIES: [] });
});

test('an unknown ENTENTE_ key stops the start; other variables are none of our business', () => {
  expect(() => readConfig({ ENTENTE_PROT: '1' })).toThrow(/^ENTENTE_PROT is not a setting/);
  expect(() => readConfig({ ENTENTE_PORT_FILE: '/x' })).toThrow(ConfigError);
  expect(readConfig({ PATH: '/bin', PORT: 'x' }).ENTENTE_PORT).toBe(8080);
});

test('a secret comes as a value or as a file, never both, and no message repeats it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'entente-config-'));
  const file = join(folder, 'url');
  writeFileSync(file, 'postgresql://u:hidden@h/db\n');
  expect(readConfig({ ENTENTE_DB_URL_FILE: file }).ENTENTE_DB_URL).toBe('postgresql://u:hidden@h/db');
  expect(() => readConfig({ ENTENTE_DB_URL_FILE: file, ENTENTE_DB_URL: 'postgresql://x' })).toThrow(/both given/);
  writeFileSync(file, 'mysql://u:hidden@h/db');
  expect(() => readConfig({ ENTENTE_DB_URL_FILE: file })).toThrow(/^(?!.*hidden).*postgresql/);
  rmSync(folder, { recursive: true });
});

test('an empty value is as good as none', () => {
  expect(readConfig({ ENTENTE_ORIGIN: '', ENTENTE_PORT: '' })).toMatchObject({ ENTENTE_PORT: 8080 });
});

test('proxies are a list of addresses and ranges, or the start stops', () => {
  for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8,x', '1.2.3.4/']) {
    expect(() => readConfig({ ENTENTE_TRUSTED_PROXIES: wrong })).toThrow(/^ENTENTE_TRUSTED_PROXIES must be/);
  }
  expect(readConfig({ ENTENTE_TRUSTED_PROXIES: '10.0.0.0/8, ::1 ,' }).ENTENTE_TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '::1']);
});

test.each([
  ['https://hub.example', true], ['https://hub.example:8443', true], ['https://hub.example/', true],
  ['http://localhost:8080', true], ['http://localhost', true], ['http://127.0.0.1:8080', false],
  ['http://localhost.evil.example', false], ['https://hub.example/path', false], ['https://user@hub.example', false],
  ['hub.example', false], ['ftp://hub.example', false], ['https://hub.example?x', false],
])('the origin %s is accepted: %s', (origin, accepted) => {
  const read = (): URL => originOf(readConfig({ ENTENTE_ORIGIN: origin }));
  if (accepted) expect(read().host).toBeTruthy();
  else expect(read).toThrow(ConfigError);
});
