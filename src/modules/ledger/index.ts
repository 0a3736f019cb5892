/** The ledger's door. Other modules state facts through `world/facts`; what is here is for the app and for tests. */
export { ledgerApi } from './api.ts';
export type { LedgerApi } from './api.ts';
export { ledgerActions } from './actions.ts';
export type { LedgerParts } from './actions.ts';
export { bundleFor, ledgerRoutes } from './routes.ts';
export type { LedgerRoute, LedgerRouteParts } from './routes.ts';
export { createSequencer } from './sequencer.ts';
export type { Sequencer, SequencerParts } from './sequencer.ts';
export { ledgerSigner } from './log.ts';
export { eraseSubject, factsAfter, ledgerMigrations, logSize, readersBetween, sequencedFacts } from './store.ts';
export { askWitnesses, witnessesAhead } from './witnesses.ts';
export type { WitnessesParts } from './witnesses.ts';
export type { SequencedFact } from './store.ts';
