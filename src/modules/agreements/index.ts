/** The door of agreements: what later modules may use. */
export { clausesOf, decisionFor, mandateBy, refusalOf, type Mandate } from './mandate.ts';
export { agreementsOf, knowsOrganisation, otherSideOf } from './store.ts';
