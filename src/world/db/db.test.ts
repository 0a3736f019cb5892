import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { recordsContract } from './contract.ts';
import { openPglite, openPgliteHere } from './pglite.ts';

describe('records on PGlite', () => {
  const place = { folder: '' };
  beforeAll(async () => { place.folder = await mkdtemp(join(tmpdir(), 'entente-pglite-')); });
  afterAll(() => rm(place.folder, { recursive: true, force: true }));
  describe('in this process', () => recordsContract(() => openPgliteHere(join(place.folder, 'here'))));
  describe('in its own process', () =>
    recordsContract(() => openPglite(join(place.folder, 'there'), (reason) => { throw new Error(reason); })));
});
