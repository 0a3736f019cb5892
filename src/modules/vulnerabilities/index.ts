/** The door of vulnerability information: what later modules and the app may use. */
export { vulnerabilitiesMigrations } from './store/schema.ts';
export { vulnerabilitiesApi } from './api.ts';
export { vulnerabilitiesActions } from './actions/index.ts';
export { vulnerabilitiesRoutes } from './routes.ts';
export { deliverVulnerabilities } from './actions/intake.ts';
export { sourceNamed as vulnerabilitySourceNamed } from './store/sources.ts';
export { passOnVulnerabilities } from './store/passing.ts';
