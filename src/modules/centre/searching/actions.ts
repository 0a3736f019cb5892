/**
 * Searching in a sitting. What is asked is stated before it is answered, also where nothing is found: that something is not there is an
 * answer too. Lines come as they are found (`routes.ts`), names with the places that define them.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { languages } from '#kit/search/query/languages';
import { findPaths } from '#kit/search/quick-open';
import { IndexDamage } from '#kit/search/index/damage';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { CodeIndex, CodeQuery } from '#world/searching/port';
import { allowance, inLog, visitWithin, type CentreParts } from '../actions/parts.ts';
import { refuseHurry, sittingOf, stepsOf, type Sitting } from '../actions/reading.ts';
import { openedTrail } from '../actions/trail.ts';
import { viewsOfReview } from '../store/views.ts';
import type { searchingApi } from '../api/searching.ts';
import { grantLines, refuseSpent } from './lines.ts';
import { listingsOver, type Listing } from './indexing.ts';
import type { Asked, SearchLine } from '../model/searching.ts';
import { indexRow, insertSearch, searchesOfVisit, searchesSince, type SearchRow } from './store.ts';

type All = Actions<typeof searchingApi>;

/** Searches of a sitting within a minute. */
const perMinute = 60;
const definitionsMost = 50;
const page = 200;

export interface OpenedSource { readonly index: CodeIndex; readonly listing: Listing }
export type OpenSource = (visit: Sitting['visit']) => Promise<OpenedSource>;

/** The index and the list of files of a source under review; refuses where it is not made yet. */
export function sourcesOver(parts: CentreParts): OpenSource {
  const listings = listingsOver(parts);
  return async (visit) => {
    const row = await asHub('the index of a source under review', () => indexRow(parts.db, visit));
    if (row?.state !== 'made' || row.name === null || row.listing === null) {
      throw new Refusal('unavailable', 'review.index-not-ready', 'The search index of this source is still being made.', {
        hint: 'Windows can be read meanwhile.', retryAfter: 5,
      });
    }
    const { name, files } = row;
    return { index: await parts.indexes.open({ name, files }), listing: await listings(row.listing) };
  };
}

/** An index that is not what its manifest says gives no answer with less in it: it is laid down anew from the blobs. */
export async function orDamaged<T>(parts: CentreParts, { name }: Pick<CodeIndex, 'name'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof IndexDamage)) throw error;
    await parts.indexes.forget({ name });
    throw new Refusal('unavailable', 'review.index-damaged', 'The search index is not what it should be, and is laid down anew.', {
      hint: 'Ask again in a moment.', retryAfter: 5,
    });
  }
}

/** A whole path as a glob that fits nothing else. */
const globOf = (path: string): string => `/${path.replaceAll(/[*?\\]/g, String.raw`\$&`)}`;

export const queryOf = ({ text, kind, anyCase, wholeWord, globs, languages: wanted, path }: Asked, most: number): CodeQuery => ({
  text, kind: kind === 'regex' ? 'regex' : 'text', anyCase, wholeWord, globs: path === '' ? globs : [globOf(path)], languages: wanted, most,
});

const shownSearch = ({ id, review, person, at, asked, lines, fresh }: SearchRow): SearchLine => ({ id, review, person, at, asked, lines, fresh });

/** Puts on record what is asked; refuses where nothing more may be shown, and who asks faster than anybody reads. */
export async function ask(parts: CentreParts, caller: Caller, { review, visit }: Sitting, asked: Asked, index: CodeIndex): Promise<SearchRow> {
  const { db, clock, ids } = parts;
  refuseSpent(await allowance(parts, visit));
  const views = await viewsOfReview(db, review.id, 200);
  refuseHurry(stepsOf(views), clock.now(), views.at(-1));
  if (await searchesSince(db, review.id, new Date(clock.now() - 60_000).toISOString()) >= perMinute) {
    throw new Refusal('too-many', 'review.too-fast', 'This looks like copying rather than reading: the next search comes a little later.', { retryAfter: 20 });
  }
  const search: SearchRow = {
    id: ids.next('sch'), review: review.id, visit: visit.id, scope: visit.scope, owner: visit.owner, product: visit.product, release: visit.release,
    person: review.person, asked, at: clock.iso(), lines: 0, fresh: 0,
  };
  await db.transaction(async (tx) => {
    await insertSearch(tx, search);
    await stateFact(tx, {
      class: 'search.asked', at: search.at, actor: caller.actor.person, org: caller.actor.org, subject: review.id, readers: [], clauses: [],
      body: { view: search.id, search: search.id, root: visit.root, index: index.name, asked },
    });
  });
  return search;
}

/** Where what was asked stands in the log. */
export const askedInLog = (parts: CentreParts, org: string, search: Pick<SearchRow, 'id' | 'review'>) =>
  asHub('what was asked on its way into the log', () => inLog(parts, org, { class: 'search.asked', subject: search.review, view: search.id, index: null }));

export const searchingActs = (parts: CentreParts): All => {
  const open = sourcesOver(parts);
  return { ...asking(parts, open), ...finding(parts, open) };
};

function asking(parts: CentreParts, open: OpenSource): Pick<All, 'reviews.search' | 'reviews.define' | 'visits.searches'> {
  return {
    'reviews.search': async ({ review, ...asked }, caller) => {
      const sitting = await sittingOf(parts, caller, review);
      const { index } = await open(sitting.visit);
      const query = queryOf(asked, 1);
      // What cannot be asked is refused here, with its place: before it is on record.
      if (asked.kind === 'references') index.references(query);
      else index.search(query);
      return { search: shownSearch(await ask(parts, caller, sitting, asked, index)) };
    },
    'reviews.define': async ({ review, name }, caller) => {
      const sitting = await sittingOf(parts, caller, review);
      const { index, listing } = await open(sitting.visit);
      const asked: Asked = { text: name, kind: 'definition', anyCase: false, wholeWord: true, globs: [], languages: [], path: '' };
      const search = await ask(parts, caller, sitting, asked, index);
      const { definitions, files, scanned, tooLong } = await orDamaged(parts, index, index.define(name, { signal: caller.until }));
      const { lines, fresh, left, proof, refusal } = await grantLines(parts, caller, sitting, { search, listing, hits: definitions.slice(0, definitionsMost) });
      if (refusal && lines.length === 0) throw refusal;
      const { hashes, ...rest } = proof ?? await askedInLog(parts, caller.actor.org, search);
      return { definitions: [...lines], fresh, left, files, scanned, tooLong: tooLong.slice(0, page), proof: { ...rest, hashes: [...hashes] } };
    },
    'visits.searches': async ({ visit: id, cursor }, caller) => {
      const visit = await visitWithin(parts.db, caller, id);
      const opensAt = await openedTrail(parts, caller, visit);
      const found = await searchesOfVisit(parts.db, id, cursor, page + 1);
      return { items: found.slice(0, page).map(shownSearch), next: found.length > page ? cursor + page : null, opensAt };
    },
  };
}

function finding(parts: CentreParts, open: OpenSource): Pick<All, 'reviews.index' | 'reviews.files'> {
  return {
    'reviews.index': async ({ review }, caller) => {
      const { visit } = await sittingOf(parts, caller, review, true);
      const row = await asHub('the index of a source under review', () => indexRow(parts.db, visit));
      const { files = 0, bytes = 0, lines = 0, text = 0, binary = 0, refused = 0, refusedFiles = [] } = row?.counts ?? {};
      return {
        index: {
          state: row?.state ?? 'making', name: row?.name ?? null, madeAt: row?.madeAt ?? null, files, bytes, lines, text, binary, refused,
          refusedFiles: [...refusedFiles], languages: [...languages],
        },
      };
    },
    'reviews.files': async ({ review, text, most }, caller) => {
      const { visit } = await sittingOf(parts, caller, review);
      const { listing } = await open(visit);
      return {
        items: findPaths(listing.paths, text, most).map(({ path, at }) => ({ path, at: [...at], size: listing.find(path)?.size ?? 0 })),
        of: listing.paths.length,
      };
    },
  };
}

