import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { StartError } from '#world/folder';
import { main } from './main.ts';
import { matchLog, type MatchRequest } from './match.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-match-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

interface Ran { code: number; out: string[]; err: string[]; error: string | null }
async function ran(request: Partial<MatchRequest> & Pick<MatchRequest, 'file' | 'against'>, input = ''): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  async function* typed(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(input);
  }
  const say = { out: (l: string) => void out.push(l), err: (l: string) => void err.push(l), input: typed() };
  try {
    return { code: await matchLog({ except: [], json: false, ...request }, 7, say), out, err, error: null };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { code: error.exitCode, out, err, error: error.message };
  }
}

const log = 'one evil.example\ntwo 203.0.113.9 and hxxp://bad[.]example/x\nthree notevil.example www.good.example\n';
const list = '\ufeff# ours\nevil[.]example\n\n203.0.113.0/24  # a network\nhttp://bad.example/x\ngood.example\nno value here\n';
const indicator = (number: number, pattern: string, more: object = {}): object =>
  ({ type: 'indicator', id: `indicator--00000000-0000-4000-8000-00000000000${number}`, pattern_type: 'stix', pattern, ...more });
const stix = JSON.stringify({
  type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects: [
    indicator(1, "[domain-name:value = 'evil.example']"), indicator(2, "[domain-name:value IN ('EVIL.example', 'x.example')]"),
    indicator(3, "[ipv4-addr:value = '203.0.113.9']", { revoked: true }),
    { type: 'ipv4-addr', id: 'ipv4-addr--00000000-0000-4000-8000-000000000004', value: '198.51.100.1' },
  ],
});

test('a list against a log: places, what stands there, and what it is', async () => {
  const result = await ran({ file: await file('a.log', log), against: [await file('a.list', list)] });
  expect(result).toEqual({
    code: 1, error: null, err: ['a.list: line 7 is no value', '4 found; 4 indicators.'],
    out: [
      '1:4\tevil.example\tdomain\tevil.example', '2:21\t203.0.113.9\tprefix\t203.0.113.0/24', '2:37\thxxp://bad[.]example/x\turl\thttp://bad.example/x',
      '3:82\twww.good.example\tdomain\tgood.example',
    ],
  });
});

test('STIX says which objects; revoked ones are not looked for; both may be packed', async () => {
  const request = { file: await file('a.log.gz', gzipSync(log)), against: [await file('b.json.gz', gzipSync(stix))], json: true };
  const { code, out, err } = await ran(request);
  expect([code, err]).toEqual([1, ['1 found; 3 indicators.']]);
  expect(out.map((l) => JSON.parse(l) as unknown)).toEqual([{
    line: 1, offset: 4, length: 12, kind: 'domain', found: 'evil.example', indicator: 'evil.example',
    ids: ['indicator--00000000-0000-4000-8000-000000000001', 'indicator--00000000-0000-4000-8000-000000000002'],
  }]);
});

test('warninglists silence what they name and what is below it', async () => {
  const request = { file: await file('a.log', log), against: [await file('a.list', list)] };
  const lists = [
    await file('hosts.json', JSON.stringify({ name: 'h', type: 'hostname', list: ['.example', 'good.example', 5, 'bad.example'] })),
    await file('nets.json', JSON.stringify({ name: 'n', type: 'cidr', list: ['203.0.113.8/29'] })),
  ];
  const { out, err, code } = await ran({ ...request, except: lists });
  expect(out).toEqual(['1:4\tevil.example\tdomain\tevil.example']);
  expect(err).toEqual(['a.list: line 7 is no value', 'hosts.json: 2 entries are no values', '1 found, 3 silenced; 4 indicators.']);
  expect(code).toBe(1);
  const exact = await file('texts.json', JSON.stringify({ type: 'string', list: ['example', 'www.good.example', 'sub.evil.example'] }));
  expect((await ran({ ...request, except: [exact] })).out).toHaveLength(3);
  const all = await ran({ ...request, except: [await file('plain', 'evil.example\nbad.example\n0.0.0.0/0\ngood.example\n')] });
  expect([all.code, all.out]).toEqual([0, []]);
});

test('what cannot be read is said, and is no "nothing found"', async () => {
  const against = [await file('a.list', list)];
  const good = await file('a.log', log);
  expect(await ran({ file: join(folder, 'none'), against })).toMatchObject({ code: 66, error: expect.stringContaining('ENOENT') as string });
  expect(await ran({ file: good, against: [join(folder, 'none')] })).toMatchObject({ code: 66 });
  expect(await ran({ file: '-', against: ['-'] })).toMatchObject({ code: 64 });
  const cut = await ran({ file: await file('cut.gz', gzipSync(log).subarray(0, 60)), against });
  expect(cut.code).toBe(65);
  const expression = await file('re.json', JSON.stringify({ type: 'regex', list: ['.*'] }));
  expect(await ran({ file: good, against, except: [expression] })).toMatchObject({ code: 65, error: expect.stringContaining('type regex') as string });
  expect(await ran({ file: good, against, except: [await file('bad.json', '{')] })).toMatchObject({ code: 65 });
  expect(await ran({ file: good, against, except: [await file('other.json', '{}')] })).toMatchObject({ code: 65 });
  const broken = await ran({ file: good, against: [await file('c.json', stix.replace('"type":"ipv4-addr"', '"type":nothing'))] });
  expect(broken).toMatchObject({ code: 1, err: [expect.stringMatching(/^c\.json: line 1, column \d+/) as string, '1 found; 2 indicators.'] });
  const many = await ran({ file: good, against: [await file('d.list', `${'no value\n'.repeat(9)}`)] });
  expect(many).toMatchObject({ code: 0, out: [] });
  expect(many.err.slice(-3)).toEqual(['d.list: and 4 more.', 'd.list: holds no value that can be looked for.', '0 found; 0 indicators.']);
});

test('standard input is read, and the command line knows the words', async () => {
  expect((await ran({ file: '-', against: [await file('a.list', list)] }, log)).out).toHaveLength(4);
  const before = process.exitCode;
  const write = process.stdout.write.bind(process.stdout);
  const shown: string[] = [];
  process.stdout.write = ((text: string) => shown.push(text) > 0) as typeof process.stdout.write;
  try {
    await main(['match', await file('a.log', log), '--against', await file('a.list', list), '--against', await file('b.json', stix), '--json']);
    expect(process.exitCode).toBe(1);
  } finally {
    process.stdout.write = write;
    process.exitCode = before;
  }
  expect(shown.map((l) => (JSON.parse(l) as { line: number }).line)).toEqual([1, 2, 2, 3]);
});
