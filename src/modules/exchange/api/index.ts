/** All endpoints of the module. */
import { exchangeApi as ours } from './exchange.ts';
import { communitiesApi } from './communities.ts';
import { resharesApi } from './reshares.ts';
import { outcomesApi } from './outcomes.ts';
import { blindListsApi } from './blindlists.ts';
import { exportsApi } from './exports.ts';
import { lookupApi } from './lookup.ts';
import { mispApi } from './misp.ts';
import { recallsApi } from './recalls.ts';
import { taxiiApi } from './taxii.ts';

export const everyExchangeApi = {
  ...ours, ...lookupApi, ...recallsApi, ...communitiesApi, ...resharesApi,
  ...outcomesApi, ...blindListsApi, ...exportsApi, ...taxiiApi, ...mispApi,
} as const;
