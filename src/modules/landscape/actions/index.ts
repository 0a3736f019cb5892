/** All acts of the landscape. */
import type { Actions } from '#kit/endpoint';
import type { landscapeApi } from '../api.ts';
import { sourceActions } from '../collect/actions.ts';
import { pushActions } from '../collect/push-actions.ts';
import { filesActions } from '../files/actions.ts';
import { scanActions } from '../scans/actions.ts';
import { mappingActions } from '../mapping/actions.ts';
import { advisoryActions } from './exposures.ts';
import { schemaActions } from '../schemas/actions.ts';
import { scoreActions } from '../scores/actions.ts';
import { batchActions, feedActions } from './feeds.ts';
import { officeActions } from './offices.ts';
import { cleanupActions } from './cleanup.ts';
import { leagueActions } from './league.ts';
import { originActions } from './origins.ts';
import type { LandscapeParts } from './parts.ts';
import { quotedActions } from './quoted.ts';
import { exposureActions, rowActions } from './rows.ts';
import { statisticActions } from './statistics.ts';
import { websiteActions } from './websites.ts';

export type { LandscapeParts } from './parts.ts';

export function landscapeActions(parts: LandscapeParts): Actions<typeof landscapeApi> {
  return {
    ...feedActions(parts), ...batchActions(parts), ...rowActions(parts), ...exposureActions(parts), ...statisticActions(parts), ...quotedActions(parts),
    ...officeActions(parts), ...websiteActions(parts), ...pushActions(parts), ...sourceActions(parts.sources), ...mappingActions(parts),
    ...advisoryActions(parts), ...filesActions(parts), ...scanActions(parts), ...scoreActions(parts),
    ...originActions(parts), ...cleanupActions(parts), ...leagueActions(parts), ...schemaActions(parts),
  };
}
