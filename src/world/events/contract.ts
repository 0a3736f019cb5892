/** What every events engine must do; run for each of them by `events.test.ts`. */
import { expect, it } from 'vitest';
import { Sixteen, takeBlock, Text, Texts, U16, U32, U64, U8 } from '#kit/native/native';
import type { Events } from './port.ts';

function sampleBlock(rows: number, from = 0): Uint8Array {
  const columns = [
    new U32('at', "DateTime('UTC')"), new Text('word'), new Sixteen('ip', 'IPv6'), new U64('big'), new Texts('attrs'),
    new U8('small'), new U16('port'),
  ] as const;
  const [at, word, ip, big, attrs, small, port] = columns;
  for (let i = from; i < from + rows; i++) {
    at.add(1_600_000_000 + i);
    word.add(i % 3 === 0 ? `từ số ${i} ${'x'.repeat(i % 200)}` : `w${i}`);
    ip.add(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, i >> 8 & 255, i & 255]));
    big.add(i, 1);
    for (let k = 0; k < i % 3; k++) attrs.pair(`k${k}`, `v${i}`);
    attrs.end();
    small.add(i & 255);
    port.add(i & 65535);
  }
  return takeBlock(columns, rows);
}

const sample = {
  name: 'sample', partition: '', order: 'at', shard: 'cityHash64(word)',
  columns: `at DateTime('UTC'), word LowCardinality(String), ip IPv6, big UInt64, attrs Map(LowCardinality(String), String),
    small UInt8, port UInt16`,
};

/** Registers the contract's tests; `engine` answers the engine under test. */
export function eventsContract(engine: () => Events): void {
  it('stores binary blocks whole and gives back what was put in', async () => {
    await engine().define(sample);
    await engine().define(sample);
    await engine().command({ query: `TRUNCATE TABLE ${engine().here('sample')}`, each: true });
    await engine().insert({ table: 'sample', values: [sampleBlock(1000), sampleBlock(500, 1000)], format: 'Native' });
    const rows = await engine().query({
      query: `SELECT count() AS n, uniqExact(big) AS bigs, sum(length(attrs)) AS pairs, max(length(word)) AS longest,
        toString(max(ip)) AS top, countIf(word LIKE 'từ số %') AS worded FROM sample`,
    });
    expect(await rows.json()).toEqual([
      { n: 1500, bigs: 1500, pairs: 1500, longest: 213, top: '::ffff:10.0.5.219', worded: 500 },
    ]);
  });

  it('holds a lookup whole wherever rows are, and what each server does is done to its rows', async () => {
    const lookup = engine().here('names');
    await engine().defineLookup({ name: 'names', columns: 'id FixedString(16), name String', key: 'id' });
    await engine().define({ name: 'named', columns: 'id FixedString(16), name String', partition: '', order: 'id', shard: 'cityHash64(id)' });
    for (const table of ['names', 'named']) await engine().command({ query: `TRUNCATE TABLE ${engine().here(table)}`, each: true });
    const block = (from: number, name: (i: number) => string): Uint8Array => {
      const columns = [new Sixteen('id', 'FixedString(16)'), new Text('name')] as const;
      for (let i = from; i < 60; i++) {
        columns[0].add(Uint8Array.from({ length: 16 }, (_, k) => (k === 15 ? i : 7)));
        columns[1].add(name(i));
      }
      return takeBlock(columns, 60 - from);
    };
    await engine().insert({ table: 'named', values: [block(0, () => 'old')], format: 'Native' });
    await engine().insert({ table: 'names', values: [block(20, (i) => `new${i}`)], format: 'Native', each: true });
    await engine().command({
      query: `ALTER TABLE ${engine().here('named')} UPDATE name = joinGet('${lookup}', 'name', id)
        WHERE joinGet('${lookup}', 'name', id) != '' SETTINGS mutations_sync = 1`, each: true,
    });
    const rows = await engine().query({ query: `SELECT countIf(name = 'old') AS old, countIf(name LIKE 'new%') AS new, uniqExact(name) AS names FROM named` });
    expect(await rows.json()).toEqual([{ old: 20, new: 40, names: 41 }]);
  });

  it('binds parameters as values, never as text', async () => {
    const rows = await engine().query({
      query: 'SELECT {word:String} AS word, {n:UInt32} + 1 AS n, {list:Array(String)} AS list',
      query_params: { word: `o'clock'); DROP TABLE sample; --`, n: 41, list: ['a', `b'`] },
    });
    expect(await rows.json()).toEqual([{ word: `o'clock'); DROP TABLE sample; --`, n: 42, list: ['a', `b'`] }]);
  });

  it('answers raw bytes for identities', async () => {
    const rows = await engine().query({
      query: `SELECT unhex('00ff10203040506070') AS x`, format: 'RowBinary',
    });
    expect([...(await rows.bytes())]).toEqual([9, 0, 255, 16, 32, 48, 64, 80, 96, 112]);
  });

  it('reads while a long read runs, and stops a read that is aborted', async () => {
    const abort = new AbortController();
    const long = engine().query({
      query: 'SELECT count() AS n FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))',
      abort_signal: abort.signal,
    });
    const outcome = long.then(() => 'answered', (error: Error & { code?: string }) => error.code ?? error.message);
    const beside = await engine().query({ query: 'SELECT 1 AS one' });
    expect(await beside.json()).toEqual([{ one: 1 }]);
    abort.abort();
    expect(await outcome).toBe('aborted');
  });

  it('says what was wrong with a statement, and goes on', async () => {
    await expect(engine().query({ query: 'SELECT nothing FROM nowhere' })).rejects.toMatchObject({ code: '60' });
    await expect(engine().command({ query: 'DROP TABLE nowhere' })).rejects.toMatchObject({ code: '60' });
    expect(await (await engine().query({ query: 'SELECT 2 AS two' })).json()).toEqual([{ two: 2 }]);
  });

  it('knows its own memory, where it has a process here', async () => {
    expect(await engine().residentMb() ?? 11).toBeGreaterThan(10);
  });
}
