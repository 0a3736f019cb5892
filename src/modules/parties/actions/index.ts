/** All acts of parties, one function per endpoint. */
import type { Actions } from '#kit/endpoint';
import type { partiesApi } from '../api.ts';
import { approvalActions } from './approvals.ts';
import { breakGlassActions } from './break-glass.ts';
import { passkeyActions } from './passkeys.ts';
import { peopleActions } from './people.ts';
import { sessionActions } from './sessions.ts';
import { tokenActions } from './tokens.ts';
import type { PartiesParts } from './parts.ts';

export function partiesActions(parts: PartiesParts): Actions<typeof partiesApi> {
  return {
    ...sessionActions(parts), ...passkeyActions(parts), ...tokenActions(parts), ...peopleActions(parts),
    ...approvalActions(parts), ...breakGlassActions(parts),
  };
}
