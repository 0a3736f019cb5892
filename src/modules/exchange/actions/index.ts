/** Every act of the module: one function for each endpoint, and the routes of what is not JSON of ours. */
import type { Actions } from '#kit/endpoint';
import type { exchangeApi } from '../api/exchange.ts';
import { mispRoutes, type MispRoute } from '../misp/routes.ts';
import { importRoutes, type ImportRoute } from '../routes.ts';
import { taxiiRoutes, type ExchangeRoute } from '../taxii/routes.ts';
import type { lookupApi } from '../api/lookup.ts';
import type { recallsApi } from '../api/recalls.ts';
import { collectionActions } from './collections.ts';
import { lookupActions } from './lookup.ts';
import { passingActions } from './passing.ts';
import type { ExchangeParts } from './parts.ts';
import { recallActions } from './recalls.ts';
import { threatActions } from './threats.ts';

export const exchangeActions = (parts: ExchangeParts): Actions<typeof exchangeApi & typeof lookupApi & typeof recallsApi> => ({
  ...collectionActions(parts), ...threatActions(parts), ...lookupActions(parts), ...passingActions(parts), ...recallActions(parts),
});

export const exchangeRoutes = (parts: ExchangeParts): (ImportRoute | ExchangeRoute | MispRoute)[] =>
  [...importRoutes(parts), ...taxiiRoutes(parts), ...mispRoutes(parts)];
