/**
 * What a search finds, line by line as it is found (NDJSON). Each batch, of what came within a few milliseconds, is counted and in the log
 * before it is written; whoever goes away, loses the right or asks something else ends the search. Coverage stands before every end.
 */
import type { Caller } from '#kit/endpoint';
import { gathered } from '#kit/gathered';
import { answerInLines, type Say } from '#kit/lined';
import { decodedPart } from '#kit/path';
import { noSuch } from '#kit/refusal';
import type { Answer } from '#world/searching/port';
import { allowance, type CentreParts } from '../actions/parts.ts';
import { sittingOf, type Sitting } from '../actions/reading.ts';
import { askedInLog, orDamaged, queryOf, sourcesOver, type OpenedSource } from './actions.ts';
import { searchingApi } from '../api/searching.ts';
import { grantLines, refuseSpent } from './lines.ts';
import type { SearchCoverage, SearchNews } from '../model/searching.ts';
import { searchOf, type SearchRow } from './store.ts';

export interface SearchRoute {
  readonly endpointName: 'reviews.found';
  respond(request: Request, caller: Caller): Promise<Response>;
}

/** Lines that go together: so many at most, and what comes within so many milliseconds. */
const [batchMost, batchMs] = [100, 25];
const namedMost = 50;

export function searchRoutes(parts: CentreParts): SearchRoute[] {
  const open = sourcesOver(parts);
  /** The search that each sitting is at: a new one ends the one before. */
  const running = new Map<string, AbortController>();
  return [{
    endpointName: 'reviews.found',
    async respond(request, caller) {
      const url = new URL(request.url);
      const [, , , review, , search] = url.pathname.split('/');
      const input = searchingApi['reviews.found'].input.parse({
        ...Object.fromEntries(url.searchParams), review: decodedPart(review ?? ''), search: decodedPart(search ?? ''),
      });
      const sitting = await sittingOf(parts, caller, input.review);
      const row = await searchOf(parts.db, input.review, input.search);
      if (!row || row.asked.kind === 'definition') throw noSuch('search');
      refuseSpent(await allowance(parts, sitting.visit));
      const source = await open(sitting.visit);
      return answerInLines(async (say, gone) => {
        const own = new AbortController();
        running.get(input.review)?.abort();
        running.set(input.review, own);
        try {
          await answer(parts, caller, { sitting, row, source, most: input.most, until: AbortSignal.any([gone, own.signal, caller.until]) }, say);
        } finally {
          if (running.get(input.review) === own) running.delete(input.review);
        }
      });
    },
  }];
}

interface Answering {
  readonly sitting: Sitting; readonly row: SearchRow; readonly source: OpenedSource; readonly most: number; readonly until: AbortSignal;
}

async function answer(parts: CentreParts, caller: Caller, { sitting, row, source: { index, listing }, most, until }: Answering, tell: Say): Promise<void> {
  const say = (news: SearchNews): void => tell(news);
  const query = queryOf(row.asked, most);
  const asked = row.asked.kind === 'references' ? index.references(query, { signal: until }) : index.search(query, { signal: until });
  const state = { shown: 0, left: 0 };
  const run = async (): Promise<void> => {
    for await (const hits of gathered(asked, { most: batchMost, wait: () => new Promise((resolve) => { setTimeout(resolve, batchMs); }) })) {
      if (until.aborted) return;
      // Asked anew for each batch, as for each window.
      await sittingOf(parts, caller, sitting.review.id);
      const { batch, lines, fresh, left, proof, refusal } = await grantLines(parts, caller, sitting, { search: row, listing, hits });
      if (proof) say({ phase: 'lines', batch, lines: [...lines], fresh, left, proof: { ...proof, hashes: [...proof.hashes] } });
      state.shown += lines.length;
      if (refusal) throw refusal;
    }
  };
  try {
    await orDamaged(parts, index, run());
  } finally {
    say({ phase: 'coverage', coverage: coverageOf(asked, index.name) });
  }
  const { hashes, ...proof } = await askedInLog(parts, caller.actor.org, row);
  say({ phase: 'done', shown: state.shown, left: (await allowance(parts, sitting.visit)).left, proof: { ...proof, hashes: [...hashes] } });
}

function coverageOf(asked: Answer, index: string): SearchCoverage {
  const { files, excluded, ruledOut, read, notReached, bytesRead, refused, ended } = asked.coverage();
  return {
    files, excluded, ruledOut, read, notReached, bytesRead, refused: refused.length, ended, index,
    refusedFiles: refused.slice(0, namedMost).map(({ path, reason }) => ({ path, reason })),
  };
}
