/** All acts of parties, one function per endpoint. */
import type { Actions } from '#kit/endpoint';
import type { partiesApi } from '../api.ts';
import { approvalActions } from './approvals.ts';
import { breakGlassActions } from './break-glass.ts';
import { oidcActions } from './oidc.ts';
import { passkeyActions } from './passkeys.ts';
import { protectionActions } from '../protection/actions.ts';
import { peopleActions } from './people.ts';
import { sessionActions } from './sessions.ts';
import { tokenActions } from './tokens.ts';
import type { PartiesParts } from './parts.ts';

/** SCIM is spoken by `routes.ts`. */
type Spoken = Exclude<keyof typeof partiesApi, `scim.${string}`>;

export function partiesActions(parts: PartiesParts): Pick<Actions<typeof partiesApi>, Spoken> {
  return {
    ...sessionActions(parts), ...passkeyActions(parts), ...tokenActions(parts), ...peopleActions(parts),
    ...approvalActions(parts), ...breakGlassActions(parts), ...oidcActions(parts),
    ...protectionActions(parts, parts.retention ?? []),
  };
}
