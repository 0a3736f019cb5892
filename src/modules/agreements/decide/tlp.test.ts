/** F44, the rule of labels: five labels, eight kinds of recipients, five acts; the table is that of docs/decisions/0021. */
import { expect, test } from 'vitest';
import type { TlpLabel } from '../terms.ts';
import { compilePolicy, type Source } from './policy.ts';
import { agreementOf, clauseOf, grantOf, requestOf } from './testing.ts';
import { decide } from './weigh.ts';

const acts = ['threat.read', 'feed.pull', 'source.view', 'document.view', 'consultation.ask'];
const terms = { actions: acts, kinds: ['thing'], products: 'ALL_NAMED' as const, maxTlp: 'RED' as const, maxLevel: 4 };
const open = agreementOf([clauseOf('1.1', { grants: [grantOf({ id: 'open', ...terms })] })], { id: 'agr_open' });
const named = agreementOf([clauseOf('1.1', { grants: [grantOf({ id: 'named', ...terms, persons: ['per_named'] })] })], { id: 'agr_named' });
const under = (above: typeof open, parent: string, persons: string[] | null): Source => ({
  agreement: agreementOf([clauseOf('1.1', { grants: [grantOf({ id: 'child', ...terms, persons })] })], { id: 'agr_under', authority: 'org_agency' }),
  sponsor: { agreement: above, parents: { child: parent } },
});

type Yes = Readonly<Record<TlpLabel, boolean>>;
const upTo = (...labels: TlpLabel[]): Yes => ({
  CLEAR: labels.includes('CLEAR'), GREEN: labels.includes('GREEN'), AMBER: labels.includes('AMBER'),
  'AMBER+STRICT': labels.includes('AMBER+STRICT'), RED: labels.includes('RED'),
});
const all = upTo('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED');
const strict = upTo('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT');
const amber = upTo('CLEAR', 'GREEN', 'AMBER');
const none = upTo();

/** Recipient, what it holds, who asks for which organisation, and the published answers. */
const recipients: readonly [string, Source, { org: string; person: string }, Yes][] = [
  ['a person whom the grant names', { agreement: named }, { org: 'org_b', person: 'per_named' }, all],
  ['another of the same organisation, where the grant names people', { agreement: named }, { org: 'org_b', person: 'per_other' }, none],
  ['anyone of the organisation, where it names nobody', { agreement: open }, { org: 'org_b', person: 'per_any' }, strict],
  ['a sponsored agency', under(open, 'open', null), { org: 'org_agency', person: 'per_any' }, amber],
  ['a person named in a sponsored agency’s grant', under(open, 'open', ['per_named']), { org: 'org_agency', person: 'per_named' }, amber],
  ['a sponsored agency, where its sponsor’s grant names people', under(named, 'named', null), { org: 'org_agency', person: 'per_any' }, none],
  ['the same person for an organisation without an agreement', { agreement: named }, { org: 'org_d', person: 'per_named' }, none],
  ['the provider itself, to whom nothing is granted', { agreement: open }, { org: 'org_c', person: 'per_any' }, none],
];

const cases = recipients.flatMap(([who, source, actor, answers]) => acts.flatMap((action) =>
  (Object.keys(answers) as TlpLabel[]).map((tlp) => ({ who, action, tlp, source, actor, expected: answers[tlp] ? 'allow' : 'deny' }))));

test('there are two hundred cases', () => expect(cases).toHaveLength(200));
test.each(recipients.map(([who]) => who))('%s', (who) => {
  for (const { action, tlp, source, actor, expected } of cases.filter((c) => c.who === who)) {
    const owner = actor.org === 'org_c' ? 'org_b' : 'org_c';
    const request = requestOf({ action, actor, resource: { owner, kind: 'thing', tlp } });
    expect([action, tlp, decide(compilePolicy([source]), request).outcome]).toEqual([action, tlp, expected]);
  }
});
