/** The door of alerts: what the app may use. */
export { alertsApi } from './api.ts';
export { alertsActions, tendAlerts, writeAlert } from './actions.ts';
export { alertsMigrations, lineOf, passOnAlerts, setLine } from './store.ts';
