/** The door of constituents: what later modules may use. */
export { constituentsMigrations } from './store/index.ts';
export { casesOf, type Case } from './store/cases.ts';
export { findingTimes, openWork, type FindingTime } from './store/findings.ts';
export { notHeld, targetOf, type Target } from './rules/held.ts';
export { allAssets, claimsOf, constituentById, constituentNames, constituentsOfKinds, constituentsSpokenFor, passOnRegistry,
  registrySize } from './store/registry.ts';
export type { Asset, Constituent } from './model/registry.ts';
export type { Observed, SliceRow } from './actions/parts.ts';
export type { Problem, SightedBatch, Sighting } from './model/notices.ts';
export { worse } from './rules/notices.ts';
export { guardedBy } from './actions/guards.ts';
export { freshSince, sliceOwners, takeSightings } from './actions/sightings.ts';
