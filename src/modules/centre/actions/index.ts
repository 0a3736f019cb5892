/** All that the centre does, endpoint by endpoint. */
import type { Actions } from '#kit/endpoint';
import type { centreApi } from '../api.ts';
import type { CentreParts } from './parts.ts';
import { readingActs } from './reading.ts';
import { resultActs } from './results.ts';
import { statementActs } from './statements.ts';
import { searchingActs } from '../searching/actions.ts';
import { visitActs } from './visits.ts';

export const centreActions = (parts: CentreParts): Actions<typeof centreApi> =>
  ({ ...visitActs(parts), ...readingActs(parts), ...resultActs(parts), ...statementActs(parts), ...searchingActs(parts) });
