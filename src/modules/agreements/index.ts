/** The door of agreements: what later modules may use. */
export { clausesOf, decideOnRecord, decisionFor, mandateBy, refusalOf, wantedBy } from './mandate.ts';
export type { AgreeableAct, Asking, Mandate } from './mandate.ts';
export { heirOf } from './successions-store.ts';
export { agreementsOf, knowsOrganisation, otherSideOf, partnersOf } from './store.ts';
export { closeMinutes } from './decide/record.ts';
export { tendObligations } from './decide/obligation-store.ts';
export { drawQuota, giveBack, quotasOn, useOf } from './decide/quota-store.ts';
