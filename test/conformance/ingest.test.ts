/** The command a duty officer types, on the published sample files, into a folder that no hub holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entente, type Ran } from '../app/process.ts';
import { pathOf, samples } from './shadowserver.ts';

const at = { folder: '' };
beforeAll(async () => { at.folder = await mkdtemp(join(tmpdir(), 'entente-conformance-')); });
afterAll(() => rm(at.folder, { recursive: true, force: true }));

async function ingest(...words: string[]): Promise<Ran> {
  const ran = entente(['ingest', ...words], { ENTENTE_DATA: join(at.folder, 'hub') });
  expect([(await ran.exited).code, ran.err()]).toEqual([0, ran.err()]);
  return ran;
}

describe.each(samples)('entente ingest $file', ({ file, type, rows }) => {
  test(`--type ${type}: every row stored, one drift report`, async () => {
    const ran = await ingest('--type', type, pathOf(file));
    expect(ran.out()).toContain(`read ${rows} = stored ${rows} + duplicate 0 + quarantined 0`);
    expect(ran.out().match(/drift report/g)).toHaveLength(1);
  });
  test('without --type: quarantined, every row', async () => {
    const ran = await ingest('--feed', 'untyped', pathOf(file));
    expect(ran.out()).toContain(`read ${rows} = stored 0 + duplicate 0 + quarantined ${rows}`);
  });
  test('the same file again: nothing new', async () => {
    const ran = await ingest('--type', type, pathOf(file));
    expect(ran.out()).toContain(`read ${rows} = stored 0 + duplicate ${rows} + quarantined 0`);
  });
});
