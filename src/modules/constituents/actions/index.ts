/** All acts of this module. */
import type { Actions } from '#kit/endpoint';
import type { constituentsApi } from '../api/index.ts';
import { blockingActions } from './blocking.ts';
import { claimActions } from './claims.ts';
import { connectionActions } from './connections.ts';
import { contactActions } from './contacts.ts';
import { deskActions } from './desk.ts';
import { mineActions } from './mine.ts';
import { noticeActions } from './notices.ts';
import type { ConstituentsParts } from './parts.ts';
import { registryActions } from './registry.ts';

export { tendConnections } from './connections.ts';
export { tendBlocking, tendNotices } from './tending.ts';
export type { ConstituentsParts, Observed } from './parts.ts';

export function constituentsActions(parts: ConstituentsParts): Actions<typeof constituentsApi> {
  return {
    ...registryActions(parts), ...contactActions(parts), ...claimActions(parts), ...noticeActions(parts), ...mineActions(parts),
    ...deskActions(parts), ...connectionActions(parts), ...blockingActions(parts),
  };
}
