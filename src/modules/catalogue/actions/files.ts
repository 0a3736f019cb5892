/** Files of a release as they are shipped: bringing one, looking at it with what it is linked with, and opening it where it may be. */
import type { Actions, Actor, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { givesRight } from '#modules/parties/index';
import type { catalogueApi } from '../api.ts';
import { artefactWithin } from '../gate.ts';
import type { AccessClass, ArtefactKind, Label, Link } from '../model.ts';
import { knowsArtefact, knowsRelease, openableOf, refuseLabel, refuseLate, type Reach } from '../rules.ts';
import { artefactById, insertArtefact, type ArtefactRecord } from '../store/artefacts.ts';
import { insertLink, linksOf, type LinkRecord } from '../store/links.ts';
import { lockedRelease, releaseById } from '../store/products.ts';
import { notMarkable, openDocument } from './documents.ts';
import { refuseUnread } from './flows.ts';
import { artefactShown, ownReach, productsShown, releaseShown, type CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

export interface BringingFile {
  readonly actor: Pick<Actor, 'org' | 'person'>;
  readonly release: string;
  readonly kind: Exclude<ArtefactKind, 'source'>;
  readonly name: string;
  readonly media: string;
  readonly access: AccessClass;
  readonly tlp: Label;
  readonly embargoUntil: string | null;
  readonly early: readonly string[];
}

export async function bringFile(parts: CatalogueParts, bringing: BringingFile, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<ArtefactRecord> {
  const { actor, release: id, kind, name, media, access, tlp, embargoUntil, early } = bringing;
  refuseLabel(access, tlp);
  const release = await releaseById(parts.db, id);
  if (release?.scope !== actor.org) throw noSuch('release');
  refuseLate(release.state, kind);
  const { sha256, sizeBytes } = await parts.blobs.put(bytes);
  if (kind === 'document' && access === 'agreement' && !media.startsWith('text/')) throw notMarkable();
  if (sizeBytes === 0) throw new Refusal('invalid', 'artefact.empty', 'The file is empty.');
  if (kind === 'flows') await refuseUnread(parts, release, { sha256, size: sizeBytes });
  const artefact: ArtefactRecord = {
    id: parts.ids.next('art'), scope: actor.org, product: release.product, release: id, kind, name, sha256, size: sizeBytes, media, access, tlp, embargoUntil,
    early, snapshot: null, addedAt: parts.clock.iso(), addedBy: actor.person, withdrawnAt: null, withdrawnWhy: null,
  };
  await parts.db.transaction(async (tx) => {
    const now = await lockedRelease(tx, actor.org, id);
    if (!now) throw noSuch('release');
    refuseLate(now.state, kind);
    if (!await insertArtefact(tx, artefact)) {
      throw new Refusal('conflict', 'artefact.name-taken', 'The release holds one of this kind and name.', { at: 'name' });
    }
    await stateFact(tx, {
      class: 'artefact.added', at: artefact.addedAt, actor: actor.person, org: actor.org, subject: artefact.id, readers: [], clauses: [],
      body: { artefact: artefact.id, release: id, kind, name, access, tlp, sha256, size: sizeBytes, embargoUntil },
    });
  });
  return artefact;
}

async function linksShown({ db, clock }: CatalogueParts, reach: Reach, id: string): Promise<Link[]> {
  const shown: Link[] = [];
  for (const link of await linksOf(db, id)) {
    const other = link.artefact === id ? link.target : link.artefact;
    const artefact = other === null ? null : await artefactById(db, other);
    const release = artefact ? await releaseById(db, artefact.release) : null;
    // What one may not know of is in no link.
    if (other !== null && (!artefact || !release || !knowsArtefact(reach, artefact, clock.now()) || !knowsRelease(reach, release, clock.now()))) continue;
    shown.push({
      id: link.id, item: link.item, relation: link.relation, value: link.value, way: link.artefact === id ? 'to' : 'from', artefact: other,
      name: artefact?.name ?? null, version: release?.version ?? null, kind: artefact?.kind ?? null,
    });
  }
  return shown;
}

export function fileActs(parts: CatalogueParts): Pick<All, 'artefacts.view' | 'artefacts.link'> {
  const { db, clock } = parts;
  return {
    'artefacts.view': async ({ artefact: id }, caller) => {
      const { artefact, release, product, reach } = await artefactWithin(parts, caller, id);
      const [shown] = await productsShown(parts, [{ product, reach }], caller.actor.org);
      if (!shown) throw noSuch('artefact');
      return {
        artefact: artefactShown(artefact, release, reach), release: releaseShown(release), product: shown, links: await linksShown(parts, reach, id),
        mayChange: reach.own && givesRight(caller.actor.roles, 'artefact.add'),
      };
    },
    'artefacts.link': async ({ artefact: id, item, relation, target, value }, { actor }) => {
      await db.transaction(async (tx) => {
        const [from, to] = [await artefactById(tx, id), target === undefined ? null : await artefactById(tx, target)];
        if (from?.scope !== actor.org) throw noSuch('artefact');
        if (target === undefined && value === '') {
          throw new Refusal('invalid', 'link.nowhere', 'A link leads to an artefact or names something.', { at: 'value' });
        }
        if (target !== undefined && (to?.scope !== actor.org || to.product !== from.product)) throw noSuch('artefact');
        const link: LinkRecord = {
          id: parts.ids.next('lnk'), scope: actor.org, artefact: id, item, relation, target: target ?? null, value, addedAt: clock.iso(),
        };
        if (!await insertLink(tx, link)) throw new Refusal('conflict', 'link.there', 'The same link stands.');
        await stateFact(tx, {
          class: 'artefact.linked', at: link.addedAt, actor: actor.person, org: actor.org, subject: id, readers: [], clauses: [],
          body: { artefact: id, relation, target: target ?? null, item: item === '' ? null : item },
        });
      });
      return { links: await linksShown(parts, ownReach(actor.org), id) };
    },
  };
}

/** What may be opened here, as a file that is laid down; its owner hears of it. */
export async function openFile(parts: CatalogueParts, id: string, caller: Caller): Promise<Response> {
  const found = await artefactWithin(parts, caller, id);
  const { artefact, release, product, reach } = found;
  const openable = artefactShown(artefact, release, reach).openable;
  if (openable === 'withdrawn') throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
  if (openable === 'source') {
    throw new Refusal('forbidden', 'artefact.source', 'Source code is read in the centre, window by window, and never given out as a file.');
  }
  if (openable !== 'yes') {
    throw new Refusal('forbidden', `artefact.${openableOf(artefact)}`, 'This is read at the centre alone.', { hint: 'Ask for a visit.' });
  }
  // A copy of one's own, or of what everybody has, is nobody's.
  if (artefact.kind === 'document' && artefact.access === 'agreement' && !reach.own) return openDocument(parts, found, caller);
  const bytes = await parts.blobs.open(artefact.sha256);
  if (!bytes) throw new Error(`the file ${artefact.sha256} was kept and is gone`);
  await parts.db.transaction((tx) => stateFact(tx, {
    class: 'artefact.opened', at: parts.clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: id, readers: [product.scope], clauses: [],
    body: { artefact: id, release: release.id, kind: artefact.kind, name: artefact.name, sha256: artefact.sha256 },
  }));
  const name = encodeURIComponent(artefact.name);
  return new Response(streamOf(bytes, caller.until), { headers: {
    'content-type': 'application/octet-stream', 'content-length': String(artefact.size), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename*=UTF-8''${name}`,
  } });
}

function streamOf(bytes: AsyncIterable<Uint8Array>, until: AbortSignal): ReadableStream<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      until.throwIfAborted();
      const next = await source.next();
      if (next.done) controller.close();
      else controller.enqueue(Uint8Array.from(next.value));
    },
    async cancel() {
      await source.return?.();
    },
  }, { highWaterMark: 0 });
}
