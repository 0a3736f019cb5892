/** The door of alerts: what the app may use. */
export { alertsApi } from './api.ts';
export { alertsActions, tendAlerts } from './actions.ts';
export { alertsMigrations } from './store.ts';
