import { expect, test } from 'vitest';
import { botnets } from './history.ts';
import { parametersAt } from './parameters.ts';

const p = parametersAt(0.05);
const months = p.botnets.map((of) => ({ of, rows: [...botnets(p, of)].map((row) => JSON.parse(row) as { SourceIp: string; DateTimeReceivedUtc: string }) }));
const addressesOf = (rows: readonly { SourceIp: string }[]): Set<string> => new Set(rows.map((row) => row.SourceIp));

test('each month has as many distinct addresses as it is made for, in it, and so many of the state', () => {
  for (const { of, rows } of months) {
    const all = addressesOf(rows);
    expect([of.month, all.size]).toEqual([of.month, of.all]);
    expect(rows.every((row) => row.DateTimeReceivedUtc.startsWith(of.month))).toBe(true);
    expect([...all].filter((ip) => /^100\.11[2-9]\./.test(ip)).length).toBe(of.ministries + of.provinces);
  }
});

test('a month goes on with part of the one before, and some are seen to its end', () => {
  const [may, june, july] = months.slice(-3);
  const before = addressesOf(may?.rows ?? []);
  const now = addressesOf(june?.rows ?? []);
  const shared = [...now].filter((ip) => before.has(ip)).length / now.size;
  expect(shared).toBeGreaterThan(0.3);
  expect(shared).toBeLessThan(0.6);
  const late = addressesOf((june?.rows ?? []).filter((row) => row.DateTimeReceivedUtc >= '2023-06-28'));
  const after = [...addressesOf(july?.rows ?? [])];
  expect(after.filter((ip) => late.has(ip)).length / after.length).toBeGreaterThan(0.8);
});
