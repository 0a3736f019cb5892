/** A hub in which a source of many files is under review and indexed, with a sitting that is open: for what is counted and what is measured. */
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { verifyInclusion } from '#kit/merkle/proofs';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { parseNote, parseVkey, verifyNote } from '#kit/note/note';
import { asHub } from '#world/db/scope';
import { sequencedFacts } from '#modules/ledger/index';
import { round } from '../src/app/chores.ts';
import { tarOf } from '../src/kit/archive/testing.ts';
import { bringSource } from '../src/modules/catalogue/actions/snapshots.ts';
import { testHub, type Answer, type TestHub } from './hub.ts';

export interface Proof {
  readonly index: number; readonly size: number; readonly hashes: readonly string[]; readonly leaf: string; readonly checkpoint: string; readonly vkey: string;
}
export interface Reading {
  readonly hub: TestHub;
  readonly visit: string;
  readonly review: string;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  facts(name: string): Promise<number>;
  close(): Promise<void>;
}

/** What a browser does before it shows anything: the key has signed the checkpoint, and the leaf stands under it. */
export async function isProved({ index, size, hashes, leaf, checkpoint, vkey }: Proof): Promise<boolean> {
  const note = parseNote(toUtf8(checkpoint));
  const key = await parseVkey(nodeVerifying, vkey);
  if (!note || !key || !(await verifyNote(nodeVerifying, note, [key])).ok) return false;
  return verifyInclusion(nodeVerifying.sha256, {
    index, size, leafHash: nodeTreeHash.leaf(toUtf8(leaf)), root: parseCheckpoint(note.text)?.root ?? new Uint8Array(),
  }, hashes.map((h) => new Uint8Array(Buffer.from(h, 'base64'))));
}

/** `files` of some 400 lines, which are two windows each; all of it may be shown. */
export async function openReading(files: number): Promise<Reading> {
  const hub = await testHub();
  const [moser, son] = [await hub.as('per_moser'), await hub.as('per_son')];
  const by = async <T>(cookie: string, method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await hub.ask(method, path, body, { cookie });
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.json<T>();
  };
  const { product } = await by<{ product: { id: string } }>(moser, 'POST', '/api/products', { name: 'Kestrel Shield' });
  const { release } = await by<{ release: { id: string } }>(moser, 'POST', `/api/products/${product.id}/releases`, { version: '7.1' });
  const text = (i: number): string => Array.from({ length: 400 }, (_, line) => `int f${i}_${line}(void) { return ${line % 7}; }\n`).join('');
  const source = await asHub('source code to read', () => bringSource(hub.world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release: release.id, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, tarOf(Array.from({ length: files }, (_, i) => ({ path: `shield/src/d${i % 20}/f${i}.c`, text: text(i) })))));
  await by(moser, 'POST', `/api/releases/${release.id}/publish`, {});
  const today = hub.world.clock.iso().slice(0, 10);
  const { visit, items } = await by<{ visit: { id: string }; items: { id: string }[] }>(son, 'POST', '/api/visits', {
    artefact: source.id, level: 'red', mode: 'remote', goals: 'All of it', questions: [], from: today,
    to: new Date(hub.world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10), shares: { perDay: 10_000, inAll: 10_000 },
    items: [{ kind: 'person', name: 'Son', ref: 'per_son' }],
  });
  await by(moser, 'POST', `/api/visits/${visit.id}/vet`, { item: items[0]?.id, state: 'approved' });
  await by(moser, 'POST', `/api/visits/${visit.id}/decide`, { agree: true });
  await round(hub.world, hub.composition);
  const { review } = await by<{ review: { id: string } }>(son, 'POST', `/api/visits/${visit.id}/reviews`, {});
  return {
    hub, visit: visit.id, review: review.id, ask: (method, path, body) => hub.ask(method, path, body, { cookie: son }),
    facts: async (name) => (await asHub('facts of a class', () => sequencedFacts(hub.world.db, [name], 0, 1_000_000))).length,
    close: () => hub.close(),
  };
}
