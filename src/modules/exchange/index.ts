/** The door of the exchange: what later modules and the app may use. */
export { exchangeSize, passOnExchange } from './store/succession.ts';
export { exchangeMigrations } from './store/schema.ts';
export { sightingMigrations } from './store/sightings-schema.ts';
export { everyExchangeApi } from './api/index.ts';
export { exchangeActions, exchangeRoutes } from './actions/index.ts';
export { deliver, type Piece, type Report } from './actions/intake.ts';
export { putList } from './actions/lookup.ts';
export { compactJson, piecesOf } from './actions/pieces.ts';
export { retractedAfter, sharedAfter, sharedUnder } from './actions/sending.ts';
export { applyRecall, beginRecall, tendRecalls, type PeerRecall } from './actions/recalls.ts';
export { newUuid, type ExchangeParts, type ExportParts } from './actions/parts.ts';
export { insertCollection, ownCollections, sourceById, sourceNamed, type SourceRecord } from './store/collections.ts';
export { mispProblem } from './misp/answers.ts';
export { problem as taxiiProblem } from './taxii/answers.ts';
export { collectionsWithinReach, objectsAbout, ownShared, type AboutObject } from './actions/about.ts';
