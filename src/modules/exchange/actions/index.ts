/** Every act of the module: one function for each endpoint, and the routes of what is not JSON of ours. */
import type { Actions } from '#kit/endpoint';
import type { exchangeApi } from '../api/exchange.ts';
import { mispRoutes, type MispRoute } from '../misp/routes.ts';
import { importRoutes, type ImportRoute } from '../routes.ts';
import { taxiiRoutes, type ExchangeRoute } from '../taxii/routes.ts';
import type { lookupApi } from '../api/lookup.ts';
import type { communitiesApi } from '../api/communities.ts';
import type { resharesApi } from '../api/reshares.ts';
import type { outcomesApi } from '../api/outcomes.ts';
import type { blindListsApi } from '../api/blindlists.ts';
import type { recallsApi } from '../api/recalls.ts';
import type { exportsApi } from '../api/exports.ts';
import { exportsRoutes, type ExportsRoute } from '../exports/serve.ts';
import { collectionActions } from './collections.ts';
import { communityActions } from './communities.ts';
import { reshareActions } from './reshares.ts';
import { outcomeActions } from './outcomes.ts';
import { blindListActions } from './blindlists.ts';
import { exportsActions } from './exports.ts';
import { lookupActions } from './lookup.ts';
import { passingActions } from './passing.ts';
import type { ExportParts } from './parts.ts';
import { recallActions } from './recalls.ts';
import { threatActions } from './threats.ts';

type Ours = typeof exchangeApi & typeof lookupApi & typeof recallsApi & typeof exportsApi & typeof communitiesApi & typeof resharesApi
  & typeof outcomesApi & typeof blindListsApi;

export const exchangeActions = (parts: ExportParts): Actions<Ours> => ({
  ...collectionActions(parts), ...threatActions(parts), ...lookupActions(parts), ...passingActions(parts), ...recallActions(parts),
  ...exportsActions(parts), ...communityActions(parts), ...reshareActions(parts),
  ...outcomeActions(parts), ...blindListActions(parts),
});

export const exchangeRoutes = (parts: ExportParts): (ImportRoute | ExchangeRoute | MispRoute | ExportsRoute)[] =>
  [...importRoutes(parts), ...taxiiRoutes(parts), ...mispRoutes(parts), ...exportsRoutes(parts)];
