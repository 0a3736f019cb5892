/** All that the centre does, endpoint by endpoint. */
import type { Actions } from '#kit/endpoint';
import type { centreApi } from '../api.ts';
import type { CentreParts } from './parts.ts';
import { changeActs } from './changes.ts';
import { readingActs } from './reading.ts';
import { shelfOver } from './shelf.ts';
import { resultActs } from './results.ts';
import { statementActs } from './statements.ts';
import { searchingActs } from '../searching/actions.ts';
import { flowActs } from '../flows/actions.ts';
import { trailActs } from './trail.ts';
import { visitActs } from './visits.ts';

export const centreActions = (parts: CentreParts): Actions<typeof centreApi> => {
  const shelf = shelfOver(parts);
  return {
    ...visitActs(parts), ...trailActs(parts), ...readingActs(parts, shelf), ...changeActs(parts, shelf), ...resultActs(parts), ...statementActs(parts),
    ...searchingActs(parts), ...flowActs(parts),
  };
};
