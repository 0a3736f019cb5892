/** All that the controls do, endpoint by endpoint. */
import type { Actions } from '#kit/endpoint';
import type { CentreParts } from '../actions/parts.ts';
import type { controlsApi } from '../api/controls.ts';
import { arbiterActs } from './arbiters.ts';
import { baitActs } from './bait.ts';
import { disputeActs } from './disputes.ts';
import { excerptActs } from './excerpts.ts';
import { markActs } from './marks.ts';

export const controlsActions = (parts: CentreParts): Actions<typeof controlsApi> =>
  ({ ...markActs(parts), ...excerptActs(parts), ...disputeActs(parts), ...arbiterActs(parts), ...baitActs(parts) });
