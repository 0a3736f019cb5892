/** Agreements as pages of the exchange let one choose among them: each by its title and the other side. */
import type { OutputOf } from '#kit/endpoint';
import type { agreementsApi } from '../../agreements/api.ts';

type Agreement = OutputOf<(typeof agreementsApi)['agreements.list']>['agreements'][number];

/** The other side, for an organisation that is one of the two. */
export const otherOf = (a: Agreement, own: string | null): { readonly id: string; readonly name: string } =>
  (a.authority === own ? { id: a.counterpart, name: a.counterpartName } : { id: a.authority, name: a.authorityName });

export const choicesOf = (agreements: readonly Agreement[], own: string | null): { value: string; label: string }[] =>
  agreements.map((a) => ({ value: a.id, label: `${a.title}: ${otherOf(a, own).name}` }));
