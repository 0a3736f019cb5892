/** The door of constituents: what later modules may use. */
export { constituentsMigrations } from './store/index.ts';
export { claimsOf, constituentById, constituentNames, constituentsSpokenFor, passOnRegistry, registrySize } from './store/registry.ts';
export type { Asset, Constituent } from './model/registry.ts';
