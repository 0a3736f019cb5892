/** The door of the centre: what the app may use. */
export { centreActions } from './actions/index.ts';
export type { CentreParts, Logged } from './actions/parts.ts';
export { indexerOver, type IndexingParts } from './searching/indexing.ts';
export { searchRoutes } from './searching/routes.ts';
export { searchMigrations } from './searching/store.ts';
export { flowRoutes } from './flows/routes.ts';
export { flowMigrations } from './flows/store.ts';
export { tendFlaws } from './actions/results.ts';
export { centreApi } from './api.ts';
export { controlsActions } from './controls/actions.ts';
export { tendCopies } from './controls/excerpts.ts';
export { controlsMigrations } from './controls/schema.ts';
export { controlsApi } from './api/controls.ts';
export { centreRoutes } from './controls/routes.ts';
export { centreMigrations } from './store/schema.ts';
export { passOnCentre, visitCount } from './store/visits.ts';
