/**
 * Every story in this folder over one hub, those that say `alone` over their own; and no endpoint without a story. Run by
 * `stories.test.ts` on the default engines, in `test/ci` with the records on PostgreSQL.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/app/room.ts';
import { demoApi } from '../../src/app/demo/chooser.ts';
import { outline } from '../../src/app/outline.ts';
import type { TestHub } from '../hub.ts';
import { tell, type Asked } from './runner.ts';
import { parseStory, type Story } from './story.ts';

/** Answered yes in no story: a passkey answers only to a browser, and a server of others is asked in test/app. Their refusals are told. */
const refusedOnly = new Set(['session.start', 'session.touch', 'oidc.unlink', 'passkeys.add', 'passkeys.remove', 'invitations.accept',
  'peers.look', 'peers.discover', 'parcels.take', 'parcels.receipt', 'parcels.acknowledge',
  // Archives are bytes, which no story holds: test/app/catalogue.test.ts.
  'artefacts.prove', 'releases.changes']);

type Addressed = Pick<Operation, 'id'> & { readonly endpoint: Pick<Operation['endpoint'], 'method' | 'path'> };
const endpoints: readonly Addressed[] = [
  ...outline(), ...Object.entries(demoApi).map(([name, endpoint]) => ({ id: `demo.${name}`, endpoint })),
];

function storiesHere(): Story[] {
  return readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt')).sort()
    .map((name) => parseStory(name, readFileSync(join(import.meta.dirname, name), 'utf8')));
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/:[A-Za-z]+/g, '[^/]+').replace('*', '.+')}$`);

/** Fewest parameters first: `/api/x/:id` also fits what `/api/x/import` answers. */
const addresses = endpoints.map(({ id, endpoint: { method, path } }) => ({ id, method, pattern: patternOf(path), parameters: path.split(':').length }))
  .sort((x, y) => x.parameters - y.parameters);

const endpointOf = ({ method, path }: Asked): string | undefined =>
  addresses.find((a) => a.method === method && a.pattern.test(path))?.id;

/** Declares the tests of all stories over hubs that `open` opens. */
export function storySuite(open: () => Promise<TestHub>): void {
  const shared: { hub?: TestHub } = {};
  const asked: Asked[] = [];
  const stories = storiesHere();
  afterAll(() => shared.hub?.close());

  describe('stories', () => {
    const rowsOf = (alone: boolean) => stories.filter((s) => s.alone === alone).map((s) => [s.file, s.title, s] as const);
    test.each(rowsOf(false))('%s: %s', async (_, __, story) => {
      shared.hub ??= await open();
      await tell(story, shared.hub, asked);
    });
    test.each(rowsOf(true))('%s: %s', async (_, __, story) => {
      const hub = await open();
      try {
        await tell(story, hub, asked);
      } finally {
        await hub.close();
      }
    });
  });

  // What was asked is known once the stories above have been told: run alone, these fail.
  describe('each endpoint is in a story, and in one that says yes', () => {
    const byEndpoint = new Map<string | undefined, Asked[]>();
    beforeAll(() => {
      for (const one of asked) {
        const id = endpointOf(one);
        byEndpoint.set(id, [...byEndpoint.get(id) ?? [], one]);
      }
    });
    test.each(endpoints.map((e) => [e.id, e] as const))('%s', (id, { endpoint: { method, path } }) => {
      const told = byEndpoint.get(id) ?? [];
      expect(told.length, `${method} ${path} is in no story`).toBeGreaterThan(0);
      expect(told.some((a) => a.status < 300), `${id} says yes in a story`).toBe(!refusedOnly.has(id));
    });
  });
}
