/** The door of constituents: what later modules may use. */
export { claimsOf, constituentById, constituentsMigrations, constituentNames, constituentsSpokenFor } from './store.ts';
export type { Asset, Constituent } from './model.ts';
