/** How agreements are said: standings, rights, purposes and the machine form of a clause as a sentence. */
import type { Meaning } from '#ui/Mark';
import type { Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import type { agreementsApi } from '../api.ts';
import type { GrantSpec } from '../model.ts';

export type Agreed = OutputOf<(typeof agreementsApi)['agreements.view']>;

export const standingMeanings: Readonly<Record<Agreed['standing'], Meaning>> = {
  draft: 'none', 'awaiting-signature': 'wait', 'not-yet-effective': 'wait', 'in-force': 'good', suspended: 'warn',
  ended: 'danger', expired: 'danger',
};

export function rightName({ t, has }: Words, right: string): string {
  return has(`right.${right}`) ? t(`right.${right}`) : right;
}

export function sideName({ own }: Words, agreed: Agreed, side: 'authority' | 'counterpart'): string {
  return side === 'authority'
    ? own(agreed.authorityName, agreed.authorityNameLocal) : own(agreed.counterpartName, agreed.counterpartNameLocal);
}

/** What a grant allows, in words. */
export function sayGrant(words: Words, agreed: Agreed, grant: GrantSpec): string {
  const { t } = words;
  return t('grant.says', {
    who: sideName(words, agreed, grant.grantee),
    rights: grant.actions.map((right) => rightName(words, right)).join(', '),
    purposes: grant.purposes.map((purpose) => t(`purpose.${purpose}`)).join(', '),
    tlp: grant.maxTlp, level: t(`level.${grant.maxLevel}`),
    products: grant.products === 'ALL_NAMED' ? t('grant.all-named') : grant.products.join(', '),
  });
}

/** SHA-256 of a clause's text, lower-case hex, so that the reader's browser sees that the words are those signed. */
export async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
}
