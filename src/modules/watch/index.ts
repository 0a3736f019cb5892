/** The door of watching: what later modules and the app may use. */
export { watchActions } from './actions/index.ts';
export { tendChannels } from './actions/recording.ts';
export { watchApi } from './api.ts';
export { watchMigrations } from './store/schema.ts';
export { observerCount, passOnWatch } from './store/passing.ts';
