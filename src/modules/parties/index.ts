/** The door of parties: what later modules may use. */
export { OrganisationId, OrganisationKind, PersonId, Role } from './model.ts';
export type { Organisation, Person } from './model.ts';
export { breakGlassRights, conflictsOf, duties, exclusions, givesRight, rightsOf, roleMatrix } from './roles.ts';
export { organisationById, organisationsById, organisationsKnownTo, peopleOf, personById, retireOrganisation } from './store.ts';
export { approvalRequired, approverWords } from './approval-rules.ts';
export { partiesRetention, rowsOf, type Past, type RetentionClass } from './protection/classes.ts';
export { isHeld, refuseHeld } from './protection/store.ts';
export { takeDuty, type Taking } from './duties-store.ts';
export { freshMs, notFresh } from './rules.ts';
