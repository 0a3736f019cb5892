/** The ledger's answers that are not JSON of ours: C2SP tlog-tiles under `/ledger/`, and the export bundle. */
import { ReadableStream } from 'node:stream/web';
import type { Caller, Actor } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { writeBundle } from '#kit/bundle/write';
import type { BundleParts } from '#kit/bundle/write';
import { fromUtf8 } from '#kit/encoding';
import { nodeDigest, nodeTreeHash } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { parseTilePath, tileWidth, widthIn } from '#kit/merkle/tiles';
import { parseNote } from '#kit/note/note';
import { drawnIndices, formatSample } from '#kit/sample/sample';
import type { SampleEntry } from '#kit/sample/sample';
import type { Clock } from '#world/clock';
import { currentLog, exportedLog } from './actions.ts';
import type { LedgerParts } from './actions.ts';
import { ledgerApi } from './api.ts';
import { saltOf, tileName, tilesIn } from './log.ts';
import { entriesFor } from './store.ts';
import type { Scope } from './store.ts';

export interface LedgerRouteParts extends LedgerParts {
  readonly clock: Clock;
}

export interface LedgerRoute {
  readonly endpointName: keyof typeof ledgerApi;
  readonly method: 'GET';
  readonly path: string;
  /** Rights have been checked; a Refusal is thrown, as actions do. */
  respond(request: Request, caller: Caller<Actor | null>): Promise<Response>;
}

/** The bytes as a body: a copy, since what the store gave may be a view of something larger. */
const bodyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function tile(parts: LedgerParts, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const id = parseTilePath(pathname.replace(/^\/ledger\//, ''));
  if (!id) throw noSuch('tile');
  const { checkpoint: { size } } = await currentLog(parts);
  // Narrower tiles of earlier checkpoints are served as long as they are kept; wider ones would not be signed yet.
  const width = widthIn(size, id.level === 'entries' ? 0 : id.level, id.index);
  const bytes = id.width <= width ? await parts.blobs.read(tileName(id)) : null;
  if (!bytes) throw noSuch('tile');
  const age = id.width === tileWidth ? 'public, max-age=31536000, immutable' : 'public, max-age=60';
  return new Response(bodyOf(bytes), {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': age },
  });
}

/** The bundle of the current checkpoint for one organisation. The stream fails, without its seal, where the log does. */
export async function bundleFor(parts: LedgerRouteParts, scope: Scope): Promise<AsyncGenerator<Uint8Array>> {
  const { bytes } = await exportedLog(parts);
  const entries: BundleParts['entries'] = async (first, count) =>
    (await entriesFor(parts.db, scope, first, count)).map(({ leaf, opening }, i) => ({
      leaf,
      opening: opening && { salt: saltOf(opening.subjectKey, first + i), text: opening.text },
    }));
  return writeBundle({
    checkpoint: bytes, readTile: tilesIn(parts.blobs), entries, reader: scope.org, at: parts.clock.iso(),
    signer: parts.signer, digest: nodeDigest(),
  });
}

/** As many leaves as asked for, drawn by the exported checkpoint, opened as far as the organisation may read them. */
export async function sampleFor(parts: LedgerRouteParts, scope: Scope, count: number): Promise<string> {
  const { bytes, checkpoint: { size } } = await exportedLog(parts);
  const note = fromUtf8(bytes) ?? '';
  const drawn = size === 0 ? [] : drawnIndices(nodeTreeHash.sha256, parseNote(bytes)?.text ?? '', size, count);
  const entries: SampleEntry[] = [];
  for (const index of drawn) {
    const [entry] = await entriesFor(parts.db, scope, index, 1);
    if (!entry) throw new Error(`leaf ${index} is not there`);
    const { leaf, opening } = entry;
    entries.push({
      index, leaf, hashes: await inclusionProof(nodeTreeHash, index, size, tilesIn(parts.blobs)),
      opening: opening && { salt: saltOf(opening.subjectKey, index), text: opening.text },
    });
  }
  return formatSample(note, entries);
}

export function ledgerRoutes(parts: LedgerRouteParts): LedgerRoute[] {
  return [
    {
      endpointName: 'checkpoint',
      method: 'GET',
      path: '/ledger/checkpoint',
      async respond() {
        const { bytes } = await currentLog(parts);
        return new Response(bodyOf(bytes), {
          headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
        });
      },
    },
    { endpointName: 'tile', method: 'GET', path: '/ledger/tile/*', respond: (request) => tile(parts, request) },
    {
      endpointName: 'sample',
      method: 'GET',
      path: '/api/ledger/sample',
      async respond(request, { actor }) {
        if (!actor) throw new Error('a sample was asked for without an actor');
        const { count } = ledgerApi.sample.input.parse(Object.fromEntries(new URL(request.url).searchParams));
        return new Response(await sampleFor(parts, actor, count), {
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': 'attachment; filename="ledger.entente-sample"',
            'cache-control': 'no-store',
          },
        });
      },
    },
    {
      endpointName: 'export',
      method: 'GET',
      path: '/api/ledger/bundle',
      async respond(_, { actor }) {
        if (!actor) throw new Error('the bundle was asked for without an actor');
        return new Response(ReadableStream.from(await bundleFor(parts, actor)) as never, {
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': 'attachment; filename="ledger.entente-bundle"',
            'cache-control': 'no-store',
          },
        });
      },
    },
  ];
}
