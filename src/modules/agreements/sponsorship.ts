/** What a sponsor asks for an agency: which of its own grants, and how far each is narrowed. */
import { z } from 'zod';
import { GrantSpec } from './terms.ts';

export const Narrowing = z.strictObject({
  /** Id of the sponsor's own grant. */
  grant: z.string().max(120),
  actions: GrantSpec.shape.actions.optional(),
  kinds: GrantSpec.shape.kinds.optional(),
  purposes: GrantSpec.shape.purposes.optional(),
  products: GrantSpec.shape.products.optional(),
  roles: GrantSpec.shape.roles.optional(),
  persons: GrantSpec.shape.persons.optional(),
  maxTlp: GrantSpec.shape.maxTlp.optional(),
  maxLevel: GrantSpec.shape.maxLevel.optional(),
  expires: GrantSpec.shape.expires.optional(),
  conditions: GrantSpec.shape.conditions.optional(),
});
