/** How agreements are said: standings, rights, purposes and the machine form of a clause as a sentence. */
import type { Meaning } from '#ui/Mark';
import type { Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import type { agreementsApi } from '../api.ts';
import type { GrantSpec, Machine, Side } from '../terms.ts';

export type Agreed = OutputOf<(typeof agreementsApi)['agreements.view']>;

export const standingMeanings: Readonly<Record<Agreed['standing'], Meaning>> = {
  draft: 'none', 'awaiting-signature': 'wait', 'not-yet-effective': 'wait', 'in-force': 'good', suspended: 'warn',
  ended: 'danger', expired: 'danger',
};

export function rightName({ t, has }: Words, right: string): string {
  return has(`right.${right}`) ? t(`right.${right}`) : right;
}

export function kindName({ t, has }: Words, kind: string): string {
  return has(`object-kind.${kind}`) ? t(`object-kind.${kind}`) : kind;
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

const iep = ({ t }: Words, word: string): string => t(`iep.${word}`);

/** A duty's time as people say it: hours, or days where it is whole days beyond two. */
export function duration({ number, tongue }: Words, seconds: number): string {
  const hours = seconds / 3600;
  const [value, unit] = hours >= 48 && hours % 24 === 0 ? [hours / 24, 'day'] as const : [hours, 'hour'] as const;
  return new Intl.NumberFormat(tongue === 'vi' ? 'vi-VN' : 'en-GB', { style: 'unit', unit, unitDisplay: 'long' }).format(value) || number(value);
}

export const factName = ({ t, has }: Words, fact: string): string => (has(`fact.${fact}`) ? t(`fact.${fact}`) : fact);

/** What limits a grant beside its rights, purposes and marking; nothing where nothing does. */
export function sayLimits(words: Words, grant: GrantSpec): string[] {
  const { t, number, day } = words;
  const { conditions: c } = grant;
  return [
    ...(grant.roles ? [t('grant.only-roles', { roles: grant.roles.map((role) => t(`role.${role}`)).join(', ') })] : []),
    ...(grant.persons ? [t('grant.only-persons', { count: grant.persons.length })] : []),
    ...(grant.notBefore || grant.expires ? [t('grant.term', {
      from: grant.notBefore ? day(grant.notBefore) : '…', until: grant.expires ? day(grant.expires) : '…',
    })] : []),
    ...(c.mfa ? [t('grant.mfa')] : []), ...(c.networks.length > 0 ? [t('grant.networks', { networks: c.networks.join(', ') })] : []),
    ...(c.approvals ? [t('grant.approvals', { count: number(c.approvals.count) })] : []),
  ];
}

/** Everything of a clause's machine form that is not a grant, a sentence each. */
export function sayRest(words: Words, agreed: Agreed, machine: Machine): { id: string; said: string }[] {
  const { t, number } = words;
  const who = (side: Side): string => sideName(words, agreed, side);
  const rights = (list: readonly string[]): string => list.map((right) => rightName(words, right)).join(', ');
  const { handling: h, oversight: o } = machine;
  return [
    ...machine.prohibitions.map((p) => ({
      id: p.id, said: [p.bound ? t('forbid.side', { who: who(p.bound), rights: rights(p.actions) }) : t('grant.forbids', { rights: rights(p.actions) }),
        p.when ? t('forbid.when') : ''].filter(Boolean).join(' '),
    })),
    ...machine.obligations.map((d) => ({
      id: d.id, said: t('obligation.says', {
        who: who(d.debtor), time: duration(words, d.withinSeconds), begun: factName(words, d.begunBy), done: factName(words, d.doneBy),
      }),
    })),
    ...machine.quotas.map((q) => ({
      id: q.id, said: t('quota.says', {
        who: who(q.holder), amount: number(q.amount), unit: t(`unit.${q.unit}`), per: t(`per.${q.per}`), right: rightName(words, q.action),
        beyond: t(`quota.${q.beyond}`),
      }),
    })),
    ...(h ? [{ id: h.id, said: t('handling.says', {
      encrypt: iep(words, h.encryptInTransit), actions: iep(words, h.permittedActions), affected: iep(words, h.affectedPartyNotifications),
      attribution: iep(words, h.attribution), resale: iep(words, h.unmodifiedResale),
    }) }] : []),
    ...(o ? [{ id: o.id, said: t('oversight.says', {
      who: o.monitor === agreed.authority ? who('authority') : o.monitor === agreed.counterpart ? who('counterpart') : o.monitor, sees: t(`sees.${o.sees}`),
    }) }] : []),
  ];
}
