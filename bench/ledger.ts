/** The ledger's rates: durable appends on PostgreSQL. */
import type { BenchOptions, Measure } from './ingest.ts';
import { appends } from './ledger/appends.ts';

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  yield* appends(options);
}
