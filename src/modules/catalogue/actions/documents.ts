/**
 * Technical documents: each reader's copy carries a mark of its own, visibly, and the mark is on the record. Withdrawn, a document opens
 * no more, whoever opened it is told and says that they know, and the record of the copies stays.
 */
import { createHash } from 'node:crypto';
import type { Actions, Caller } from '#kit/endpoint';
import { fromUtf8 } from '#kit/encoding';
import { Refusal, noSuch } from '#kit/refusal';
import { blobBytes } from '#world/blobs/whole';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { MailError, type Mail } from '#world/mail/port';
import type { Trace } from '#world/trace';
import { organisationById, personById } from '#modules/parties/index';
import type { catalogueApi } from '../api.ts';
import type { ReachedArtefact } from '../gate.ts';
import { markedCopy } from '../rules.ts';
import { artefactById } from '../store/artefacts.ts';
import { copiesBy, copyFor, noteOpened, noteSeen, settleLetter, takeLetters } from '../store/copies.ts';
import { productById } from '../store/products.ts';
import type { CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

/** Of a document as text. */
const documentMax = 16 * 1_048_576;

/** The reader's own copy, noted before it is given out. */
export async function openDocument(parts: CatalogueParts, { artefact, product }: ReachedArtefact, { actor }: Caller): Promise<Response> {
  const bytes = artefact.size > documentMax ? null : await blobBytes(parts.blobs, artefact.sha256);
  const text = bytes ? fromUtf8(bytes) : null;
  if (text === null) throw notMarkable();
  const copy = await copyFor(parts.db, artefact.id, actor.person);
  const mark = copy?.mark ?? parts.ids.next('cpy');
  const [person, org] = [await personById(parts.db, actor.person), await organisationById(parts.db, actor.org)];
  const marked = Buffer.from(markedCopy(text, { mark, tlp: artefact.tlp, person: person?.name ?? actor.person, org: org?.name ?? actor.org }));
  const sha256 = createHash('sha256').update(marked).digest('hex');
  const at = parts.clock.iso();
  await parts.db.transaction(async (tx) => {
    await noteOpened(tx, { artefact: artefact.id, scope: product.scope, org: actor.org, person: actor.person, mark, sha256, lastAt: at });
    await stateFact(tx, {
      class: 'document.opened', at, actor: actor.person, org: actor.org, subject: artefact.id, readers: [product.scope], clauses: [],
      body: { artefact: artefact.id, name: artefact.name, mark, sha256 },
    });
  });
  return new Response(marked, { headers: {
    'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(artefact.name)}`,
  } });
}

export const notMarkable = (): Refusal => new Refusal('unprocessable', 'document.not-markable',
  'A document that agreements open is text in UTF-8, so that each reader’s copy can carry its mark.', {
    hint: 'Let other formats be read on site, or make them public.',
  });

export const documentActs = (parts: CatalogueParts): Pick<All, 'documents.mine' | 'documents.acknowledge' | 'documents.readers'> => ({
  'documents.mine': async (_, { actor }) => {
    const copies = await copiesBy(parts.db, { person: actor.person });
    // What one has a copy of one knows of, also when the agreement has ended.
    const items = await asHub('names of documents of which one holds a copy', () => Promise.all(copies.map(async (c) => {
      const artefact = await artefactById(parts.db, c.artefact);
      const product = artefact ? await productById(parts.db, artefact.product) : null;
      return {
        artefact: c.artefact, name: artefact?.name ?? '', product: product?.name ?? '', mark: c.mark, firstAt: c.firstAt, lastAt: c.lastAt, opens: c.opens,
        withdrawnAt: artefact?.withdrawnAt ?? null, withdrawnWhy: artefact?.withdrawnWhy ?? null, seenAt: c.seenAt,
      };
    })));
    return { items, unseen: items.filter((i) => i.withdrawnAt !== null && i.seenAt === null).length };
  },
  'documents.acknowledge': async ({ artefact: id }, { actor }) => {
    const copy = await copyFor(parts.db, id, actor.person);
    if (!copy) throw noSuch('artefact');
    const at = parts.clock.iso();
    await parts.db.transaction(async (tx) => {
      if (!await noteSeen(tx, id, actor.person, at)) throw new Refusal('conflict', 'document.nothing-to-say', 'Nothing of this document waits for your word.');
      await stateFact(tx, {
        class: 'document.acknowledged', at, actor: actor.person, org: actor.org, subject: id, readers: [copy.scope], clauses: [],
        body: { artefact: id, mark: copy.mark },
      });
    });
    return { seenAt: at };
  },
  'documents.readers': async ({ artefact: id }, { actor }) => {
    if ((await artefactById(parts.db, id))?.scope !== actor.org) throw noSuch('artefact');
    const copies = await copiesBy(parts.db, { artefact: id });
    const items = await Promise.all(copies.map(async ({ mark, sha256, firstAt, lastAt, opens, toldAt, seenAt, org }) => (
      { org, name: (await organisationById(parts.db, org))?.name ?? org, mark, sha256, firstAt, lastAt, opens, toldAt, seenAt })));
    return { items };
  },
});

/** While a letter leaves, nobody else sends it; after that somebody tries again. */
const letterPatienceMs = 120_000;

/** What the clock does with documents: letters to whoever opened one that was withdrawn. Safe to run at any time and twice. */
export async function tendDocuments(
  parts: Pick<CatalogueParts, 'db' | 'clock'> & { readonly mail: Mail; readonly trace: Pick<Trace, 'warn'>; readonly origin: string },
): Promise<void> {
  const { db, clock, mail, trace, origin } = parts;
  const until = new Date(clock.now() + letterPatienceMs).toISOString();
  for (const copy of await db.transaction((tx) => takeLetters(tx, clock.iso(), until, 50))) {
    const person = await personById(db, copy.person);
    if (!person?.email) {
      await settleLetter(db, copy.mark, null);
      continue;
    }
    const vi = person.language === 'vi';
    try {
      await mail.send({
        messageId: `${copy.mark}.withdrawn@entente`, to: { name: person.name, address: person.email }, date: clock.iso(), pgpKey: null,
        subject: vi ? 'Một tài liệu bạn đã mở đã bị thu hồi' : 'A document that you opened was withdrawn',
        text: vi
          ? `Một tài liệu bạn đã mở đã bị nhà cung cấp thu hồi. Vui lòng không sử dụng bản sao nữa và xác nhận tại: ${origin}/my/documents\n`
          : `A document that you opened was withdrawn by its provider. Please use your copy no more, and say that you know: ${origin}/my/documents\n`,
      });
      await settleLetter(db, copy.mark, 'sent');
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      if (error.reason === 'refused') await settleLetter(db, copy.mark, 'refused');
      trace.warn('document.letter', { artefact: copy.artefact, reason: error.reason });
    }
  }
}
