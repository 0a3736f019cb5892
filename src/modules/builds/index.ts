/** The door of builds: what later modules and the app may use. */
export { buildsActions } from './actions/index.ts';
export type { BuildsParts } from './actions/parts.ts';
export { addRebuilt } from './actions/files.ts';
export { record } from './actions/recording.ts';
export { buildsApi } from './api.ts';
export { equivalenceOf } from './doors.ts';
export type { Equivalence } from './model.ts';
export { buildsRoutes } from './routes.ts';
export { statedOf } from './rules.ts';
export { passOnBuilds, rebuilderCount } from './store/passing.ts';
export { buildsMigrations } from './store/schema.ts';
