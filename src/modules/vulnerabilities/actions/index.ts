/** Every act of the module: one function for each endpoint. */
import type { Actions } from '#kit/endpoint';
import type { vulnerabilitiesApi } from '../api.ts';
import { checkProducts } from './affected.ts';
import { findingActions } from './finding.ts';
import type { VulnParts } from './parts.ts';

export const vulnerabilitiesActions = (parts: VulnParts): Actions<typeof vulnerabilitiesApi> => ({
  ...findingActions(parts), 'vulnerabilities.affected': ({ products }, caller) => checkProducts(parts, products, caller),
});
