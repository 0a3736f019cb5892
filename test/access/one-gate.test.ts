/** One gate for every read path of the exchange; 5,000 triples in the full check. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHub, type TestHub } from '../hub.ts';
import { compareReadPaths } from './one-gate.ts';

const at: { hub?: TestHub } = {};
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

test('whoever asks about whatever in whichever way hears the same', async () => {
  const triples = process.env['FULL'] === 'yes' ? 5_000 : 40;
  const told = await compareReadPaths(at.hub as TestHub, 20_261_126, triples);
  expect(told.compared).toBe(triples * 24);
  expect(told.seen).toBeGreaterThan(triples / 10);
  expect(told.seen).toBeLessThan(triples * 0.9);
}, 9_000_000);
