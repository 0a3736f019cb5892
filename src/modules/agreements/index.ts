/** The door of agreements: what later modules may use. */
export { decisionFor, mandateBy, type Mandate } from './mandate.ts';
export { agreementsBetween, agreementsOf } from './store.ts';
