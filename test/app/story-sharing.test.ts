/** What the demonstration's people have shared with each other: each page has something to show, and a second start adds nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSharing } from '../../src/app/demo/sharing.ts';
import { writeThreats } from '../../src/app/demo/threats.ts';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string> } = { cookies: {} };

async function read<T>(person: string, path: string): Promise<T> {
  const cookie = at.cookies[person] ??= await (at.hub as TestHub).as(person);
  const answer = await (at.hub as TestHub).ask('GET', path, undefined, { cookie });
  expect(answer.status).toBe(200);
  return answer.json<T>();
}

beforeAll(async () => {
  at.hub = await testHub();
  await writeThreats(at.hub.world);
  await writeSharing(at.hub.world);
  await writeSharing(at.hub.world);
});
afterAll(() => at.hub?.close());

test('the centre holds one community, has asked twice and keeps one list of what is harmless', async () => {
  const { items: communities } = await read<{ items: { title: string; members: unknown[] }[] }>('per_lan', '/api/communities');
  expect(communities.map((c) => [c.title, c.members.length > 0])).toEqual([['Ports and shipping', true]]);
  const { items: asked } = await read<{ items: { state: string }[] }>('per_lan', '/api/reshares?side=asked');
  expect(asked.map((r) => r.state).sort()).toEqual(['granted', 'open']);
  expect((await read<{ items: unknown[] }>('per_lan', '/api/warninglists')).items).toHaveLength(1);
});

test('the vendor’s blind list was matched, and its owner sees that alone', async () => {
  const { own } = await read<{ own: { keys: number; found: number }[] }>('per_keller', '/api/blind-lists');
  expect(own.map(({ keys, found }) => [keys, found])).toEqual([[5, 1]]);
  const { others } = await read<{ others: { keys: number | null }[] }>('per_lan', '/api/blind-lists');
  expect(others.map((l) => l.keys)).toEqual([null]);
});
