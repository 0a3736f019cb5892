/**
 * What a provider declares that its product sends (docs/specs/flows.md): read when it is brought, so that nothing stands in a release that no
 * comparison could be made with, and shown line by line.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { Declaration, declarationBytesMax } from '#kit/flows/declared';
import { FlowError } from '#kit/flows/refused';
import { Refusal } from '#kit/refusal';
import { blobBytes } from '#world/blobs/whole';
import type { catalogueApi } from '../api.ts';
import { artefactWithin } from '../gate.ts';
import type { AccessClass } from '../model.ts';
import type { ArtefactRecord } from '../store/artefacts.ts';
import { productById, type ReleaseRecord } from '../store/products.ts';
import { lookedInto } from './contents.ts';
import type { CatalogueParts } from './parts.ts';

const perPage = 200;
type Kept = Pick<ArtefactRecord, 'sha256' | 'size'>;

async function bytesOf({ blobs }: Pick<CatalogueParts, 'blobs'>, { sha256 }: Kept): Promise<Uint8Array> {
  const bytes = await blobBytes(blobs, sha256);
  if (!bytes) throw new Error(`the file ${sha256} was kept and is gone`);
  return bytes;
}

/** Refuses what no comparison could be made with: no declaration, or that of another product or release. */
export async function refuseUnread(
  parts: Pick<CatalogueParts, 'blobs' | 'db'>, release: Pick<ReleaseRecord, 'product' | 'version'>, kept: Kept,
): Promise<void> {
  if (kept.size > declarationBytesMax) {
    throw new Refusal('too-large', 'artefact.flows-too-large', `A declaration of flows has at most ${declarationBytesMax} bytes.`);
  }
  const product = await productById(parts.db, release.product);
  const declaration = readDeclaration(await bytesOf(parts, kept));
  const other = declaration.product !== product?.name ? 'product' : declaration.release !== release.version ? 'release' : null;
  if (other === null) return;
  throw new Refusal('unprocessable', 'artefact.flows-elsewhere', 'This declares the flows of another product or release.', {
    at: other, hint: `It has to say ${other === 'product' ? product?.name : release.version}.`,
  });
}

function readDeclaration(bytes: Uint8Array): Declaration {
  try {
    return Declaration.read(bytes);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    throw new Refusal('unprocessable', 'artefact.no-flows', `No declaration of flows can be read here. ${error.message}`, { at: error.at });
  }
}

export const flowActs = (parts: CatalogueParts): Pick<Actions<typeof catalogueApi>, 'declared-flows.list'> => ({
  'declared-flows.list': async ({ artefact: id, cursor }, caller) => {
    const { artefact } = await lookedInto(parts, caller, id, 'flows');
    const { flows } = Declaration.read(await bytesOf(parts, artefact));
    return {
      items: flows.slice(cursor, cursor + perPage).map(({ country, ...flow }) => ({ ...flow, country: country ?? null })),
      next: cursor + perPage < flows.length ? cursor + perPage : null, flows: flows.length,
    };
  },
});

/** A declaration as it was filed. */
export interface FiledDeclaration {
  readonly artefact: string; readonly release: string; readonly name: string; readonly sha256: string; readonly access: AccessClass;
  readonly declaration: Declaration;
}

/** One that the caller may know of; throws what one that never was would answer. Its access class is the asker's to see to. */
export async function declarationWithin(parts: Pick<CatalogueParts, 'blobs' | 'db' | 'clock'>, caller: Caller, id: string): Promise<FiledDeclaration> {
  const { artefact, release } = await artefactWithin(parts, caller, id);
  if (artefact.kind !== 'flows') throw new Refusal('conflict', 'artefact.other-kind', 'This artefact is of another kind.', { at: 'artefact' });
  if (artefact.withdrawnAt !== null || release.state === 'withdrawn') throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
  const declaration = Declaration.read(await bytesOf(parts, artefact));
  return { artefact: id, release: release.id, name: artefact.name, sha256: artefact.sha256, access: artefact.access, declaration };
}
