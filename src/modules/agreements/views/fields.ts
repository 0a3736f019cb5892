/** Fields of an agreement and its machine form as people call them, for what changed between two texts. */
import type { Words } from '#ui/words';
import type { GrantSpec } from '../terms.ts';
import { duration, factName, kindName, rightName, sayGrant, sayRest, sideName, type Agreed } from './words.ts';

/** Dictionary key of a field by the last name in its path. */
const names: Readonly<Record<string, string>> = {
  title: 'edit.title-en', titleVi: 'edit.title-vi', products: 'edit.products', effectiveOn: 'draft.effective',
  expiresOn: 'draft.expires', zone: 'draft.zone', included: 'edit.included', kind: 'edit.kind', grantee: 'edit.grantee',
  actions: 'edit.rights', action: 'edit.rights', kinds: 'edit.kinds', purposes: 'edit.purposes', roles: 'edit.roles',
  persons: 'edit.persons', maxTlp: 'edit.tlp', maxLevel: 'edit.level', mfa: 'edit.mfa', networks: 'edit.networks',
  approvals: 'edit.approvals', notBefore: 'edit.not-before', expires: 'edit.expires', bound: 'edit.bound', debtor: 'edit.debtor',
  begunBy: 'edit.begun', doneBy: 'edit.done-by', withinSeconds: 'compare.within', holder: 'edit.holder', amount: 'edit.amount',
  unit: 'edit.unit', per: 'edit.per', beyond: 'edit.beyond', encryptInTransit: 'edit.encrypt', permittedActions: 'edit.actions',
  affectedPartyNotifications: 'edit.affected', attribution: 'edit.attribution', unmodifiedResale: 'edit.resale',
  externalReference: 'edit.reference', monitor: 'edit.monitor', sees: 'edit.sees', parts: 'edit.parts', when: 'forbid.when',
};
const kindOf: Readonly<Record<string, string>> = {
  grants: 'grant', prohibitions: 'prohibition', obligations: 'obligation', quotas: 'quota', handling: 'handling', oversight: 'oversight',
};

/** `grants[agr_x:2.1:g1].maxTlp` is “Grant 1: Highest TLP label”, `parts[training].included` “Training: Included”. */
export function fieldName(words: Words, agreed: Agreed, path: string): string {
  const { t, has, own } = words;
  const [, list = '', id, rest = ''] = /^(\w+)(?:\[(.+?)\])?\.?(.*)$/.exec(path) ?? [];
  const last = (rest || (id === undefined ? list : '')).split('.').at(-1) ?? '';
  const key = names[last];
  const field = key && has(key) ? t(key) : last;
  if (list === 'parts' && id !== undefined) {
    const part = agreed.parts.find((p) => p.id === id);
    return [part ? own(part.title, part.titleVi) : id, field].filter(Boolean).join(': ');
  }
  const kind = kindOf[list];
  if (kind === undefined) return field;
  const item = [t(`clause-kind.${kind}`), id?.split(':').at(-1)?.replace(/^\D+/, '')].filter(Boolean).join(' ');
  return field && field !== list ? `${item}: ${field}` : item;
}

type Value = (words: Words, agreed: Agreed, value: string) => string;
const side: Value = (words, agreed, v) => (v === 'authority' || v === 'counterpart' ? sideName(words, agreed, v) : v);
const values: Readonly<Record<string, Value>> = {
  grantee: side, debtor: side, holder: side, bound: side,
  actions: (words, _, v) => rightName(words, v), action: (words, _, v) => rightName(words, v), kinds: (words, _, v) => kindName(words, v),
  purposes: ({ t }, _, v) => t(`purpose.${v}`), roles: ({ t }, _, v) => t(`role.${v}`), maxTlp: (_words, _, v) => `TLP:${v}`,
  kind: ({ t, has }, _, v) => (has(`clause-kind.${v}`) ? t(`clause-kind.${v}`) : v),
  maxLevel: ({ t }, _, v) => t(`level.${v}`), begunBy: (words, _, v) => factName(words, v), doneBy: (words, _, v) => factName(words, v),
  withinSeconds: (words, _, v) => duration(words, Number(v)), unit: ({ t }, _, v) => t(`unit.${v}`), per: ({ t }, _, v) => t(`per.${v}`),
  beyond: ({ t }, _, v) => t(`quota.${v}`), sees: ({ t }, _, v) => t(`sees.${v}`), effectiveOn: ({ day }, _, v) => day(v),
  expiresOn: ({ day }, _, v) => day(v), notBefore: ({ day }, _, v) => day(v), expires: ({ day }, _, v) => day(v),
  ...Object.fromEntries(['encryptInTransit', 'permittedActions', 'affectedPartyNotifications', 'attribution', 'unmodifiedResale']
    .map((field): [string, Value] => [field, ({ t, has }, _, v) => (has(`iep.${v}`) ? t(`iep.${v}`) : v)])),
};

/** A value as people say it; a whole item that came or went as its sentence. */
export function fieldValue(words: Words, agreed: Agreed, path: string, json: string): string {
  const { t } = words;
  const value = JSON.parse(json) as unknown;
  const last = path.split('.').at(-1) ?? '';
  const [, list = ''] = /^(\w+)\[[^\]]+\]$/.exec(path) ?? [];
  if (list === 'grants') return sayGrant(words, agreed, value as GrantSpec);
  if (kindOf[list] || last === 'handling' || last === 'oversight') {
    const none = { grants: [], prohibitions: [], obligations: [], quotas: [], handling: null, oversight: null };
    const machine = { ...none, [list || last]: list ? [value] : value };
    return sayRest(words, agreed, machine as Parameters<typeof sayRest>[2]).map(({ said }) => said).join(' ');
  }
  if (typeof value === 'boolean') return t(value ? 'compare.yes' : 'compare.no');
  if (value === 'ALL_NAMED') return t('grant.all-named');
  const say = (one: unknown): string => values[last]?.(words, agreed, String(one)) ?? String(one);
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'string') ? value.map(say).join(', ') || t('compare.none') : json;
  }
  return typeof value === 'object' ? json : say(value);
}
