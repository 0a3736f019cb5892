/** API tokens: scoped to rights their maker holds, expiring, shown once, kept as SHA-256, revoked at once. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { partiesApi } from '../api.ts';
import type { Token } from '../model.ts';
import { rightsOf } from '../roles.ts';
import { tokenAddresses, tokenScopes } from '../rules.ts';
import { insertToken, removeToken, tokensOf, type TokenRow } from '../store.ts';
import { done, laterIso, sha256Hex, state, type PartiesParts } from './parts.ts';

type Tokens = Pick<Actions<typeof partiesApi>, 'tokens.list' | 'tokens.create' | 'tokens.revoke'>;

const view = (row: TokenRow): Token => ({
  id: row.id, name: row.name, scopes: row.scopes, addresses: row.addresses, createdAt: row.created_at, expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
});

export function tokenActions(parts: PartiesParts): Tokens {
  return {
    'tokens.list': async (_, { actor }) => ({
      tokens: (await tokensOf(parts.db, actor.person)).map(view), scopes: rightsOf(actor.roles),
    }),
    'tokens.create': async (input, { actor }) => {
      const scopes = tokenScopes(actor, input.scopes);
      const addresses = tokenAddresses(input.addresses);
      const secret = `ent_${parts.ids.secret()}`;
      const row: TokenRow = {
        id: parts.ids.next('tok'), secret_sha256: sha256Hex(secret), person: actor.person, name: input.name, scopes,
        created_at: parts.clock.iso(), expires_at: laterIso(parts.clock, input.days * 86_400_000), last_used_at: null,
        addresses,
      };
      await parts.db.transaction(async (tx) => {
        await insertToken(tx, row);
        await state(parts, tx, actor, {
          class: 'token.created', subject: row.id, body: { scopes, addresses, expiresAt: row.expires_at },
        });
      });
      return { token: view(row), secret };
    },
    'tokens.revoke': async (input, { actor }) => {
      await parts.db.transaction(async (tx) => {
        if (!(await removeToken(tx, input.token, actor.person))) throw noSuch('token');
        await state(parts, tx, actor, { class: 'token.revoked', subject: input.token, body: {} });
      });
      return done;
    },
  };
}
