/** All that builds do, endpoint by endpoint. */
import type { Actions } from '#kit/endpoint';
import type { buildsApi } from '../api.ts';
import type { BuildsParts } from './parts.ts';
import { rebuilderActs } from './rebuilders.ts';
import { viewingActs } from './viewing.ts';

export const buildsActions = (parts: BuildsParts): Actions<typeof buildsApi> => ({ ...rebuilderActs(parts), ...viewingActs(parts) });
