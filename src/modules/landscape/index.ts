/** The door of the landscape: what later modules, the app and the command line may use. */
export { landscapeRetention, sweepRows } from './retention.ts';
export { landscapeActions, type LandscapeParts } from './actions/index.ts';
export { landscapeApi } from './api.ts';
export { feedsBack, feedsLeftWithout } from './mandate.ts';
export { pipelineOver, type IngestHooks, type IngestJob, type IngestParts, type Pipeline, type Progress } from './pipeline/ingest.ts';
export { findConflicts } from './files/actions.ts';
export { collectorOver, type Collector } from './collect/collector.ts';
export { watchFeeds } from './pipeline/watch.ts';
export { BlockWriter } from './pipeline/writer.ts';
export { Draft } from './shapes/draft.ts';
export { prepareEvents } from './rollups.ts';
export { addressSeen, type AddressSeen } from './rows-store.ts';
export { landscapeRoutes, type RouteParts } from './routes.ts';
export { batchById, feedById, feedCount, passOnFeeds, insertFeed, quarantineOf, insertOverrides, landscapeMigrations, type FeedRecord } from './store.ts';
export { advisoriesOf, advisedSightings, advisoryById, markAdvisoryHeard, markBatchTold, mergeSightings, untoldBatches } from './exposures-store.ts';
export { stopScansWithout } from './scans/actions.ts';
export { countOf, infectedOf, sightingsOf, sliceOf } from './sightings-store.ts';
