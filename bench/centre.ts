/**
 * Reading under a ledger fact for each window: from the click to text whose proof was checked, over the whole HTTP path with session, right,
 * decision, allowance, log and checkpoint; and from asking a search to its first lines, checked too. One reader, PGlite, in one process.
 */
import { systemClock } from '#world/clock';
import { isProved, openReading, type Proof } from '../test/reading-hub.ts';
import type { BenchOptions, Measure } from './ingest.ts';

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const views = Math.max(20, Math.round(500 * (options.scale ?? 1)));
  const searches = Math.max(10, Math.round(100 * (options.scale ?? 1)));
  // Of each file the first window is read, so that the searches have something left that nobody has seen.
  const files = views;
  const { elapsed } = systemClock();
  const reading = await openReading(files);
  const { hub, review, ask, facts } = reading;
  const [took, found]: [number[], number[]] = [[], []];
  let proved = 0;
  for (let i = 0; i < views; i++) {
    // The hub's clock stands still: this reader takes five seconds for a page.
    hub.world.clock.advance(5_000);
    const file = (i * 97) % files;
    const began = elapsed();
    const { window } = (await ask('POST', `/api/reviews/${review}/windows`, { path: `src/d${file % 20}/f${file}.c`, number: 0 }))
      .json<{ window: { proof: Proof } }>();
    if (await isProved(window.proof)) proved++;
    took.push(elapsed() - began);
  }
  const stated = await facts('view.granted');
  let answered = 0;
  for (let i = 0; i < searches; i++) {
    hub.world.clock.advance(5_000);
    const began = elapsed();
    const asked = await ask('POST', `/api/reviews/${review}/searches`, { text: `f${(i * 31) % files}_${i % 400}(` });
    if (asked.status !== 201) throw new Error(asked.text);
    const { search } = asked.json<{ search: { id: string } }>();
    const [first = '{}'] = (await ask('GET', `/api/reviews/${review}/searches/${search.id}`)).text.split('\n');
    const { phase, proof } = JSON.parse(first) as { phase?: string; proof: Proof };
    if (phase === 'lines' && await isProved(proof)) answered++;
    found.push(elapsed() - began);
  }
  await reading.close();
  const line = { bench: 'centre', unit: 'ms', peer: null, peerValue: null, ratio: null };
  const at = (all: readonly number[], share: number): number => Number((all.toSorted((a, b) => a - b)[Math.floor(all.length * share)] ?? 0).toFixed(1));
  const verified = proved === views && stated === views;
  yield { ...line, measure: 'click-to-text-p50-ms', value: at(took, 0.5), runs: views, verified };
  yield { ...line, measure: 'click-to-text-p95-ms', value: at(took, 0.95), runs: views, verified };
  yield { ...line, measure: 'search-whole-answer-p50-ms', value: at(found, 0.5), runs: searches, verified: answered === searches };
  yield { ...line, measure: 'search-whole-answer-p95-ms', value: at(found, 0.95), runs: searches, verified: answered === searches };
  yield { ...line, unit: 'facts', measure: `facts-of-${views}-views`, value: stated, runs: 1, verified };
}
