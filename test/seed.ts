/**
 * One seed for every property test of a run, so that what passed here passes there: a check of a change answers for the change. New
 * cases are looked for on demand: `SEED=random` draws one and says it, `SEED=n` repeats it; the full check draws.
 */
import fc from 'fast-check';

const asked = process.env['SEED'] ?? (process.env['FULL'] === 'yes' ? 'random' : '20261126');
/** The one of this run. */
export const seed = asked === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(asked);
if (asked === 'random') process.stderr.write(`seed of the property tests: SEED=${seed}\n`);
fc.configureGlobal({ seed });
