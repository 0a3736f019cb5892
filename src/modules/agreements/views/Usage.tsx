/** The renewal pack: what each part was used for, from the record, and the renewal as the next act. */
import { Button } from '@mantine/core';
import { useAct, useAsk } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../api.ts';
import type { Agreed } from './words.ts';

type Pack = OutputOf<(typeof agreementsApi)['agreements.usage']>;

export function Usage() {
  const { t, own } = useWords();
  const id = usePathParameter('agreement');
  const reader = useReader();
  const go = useGo();
  const agreed = useAsk(agreementsApi['agreements.view'], { agreement: id });
  const asked = useAsk(agreementsApi['agreements.usage'], { agreement: id });
  const renew = useAct(agreementsApi['agreements.renew']);
  const act = () => renew.mutate({ agreement: id }, { onSuccess: (next) => go(`/agreements/${next.id}`) });
  const may = reader.may('agreement.draft') && agreed.data !== undefined && agreed.data.status !== 'draft';
  return (
    <Page
      title={t('usage.title')} description={t('usage.text')}
      above={<Link to={`/agreements/${id}`}>{agreed.data ? own(agreed.data.title, agreed.data.titleVi) : t('agreement.agreement')}</Link>}
      act={asked.data?.renewedBy
        ? <ButtonLink to={`/agreements/${asked.data.renewedBy}`}>{t('usage.renewed')}</ButtonLink>
        : may ? <Button onClick={act} loading={renew.isPending} title={t('usage.renew-how')}>{t('usage.renew')}</Button> : null}
    >
      {renew.error ? <ProblemNote error={renew.error} /> : null}
      <Answer of={agreed}>{(a) => <Answer of={asked}>{(pack) => <Shown pack={pack} agreed={a} />}</Answer>}</Answer>
    </Page>
  );
}

function Shown({ pack, agreed }: { readonly pack: Pack; readonly agreed: Agreed }) {
  const { t, own, number, has } = useWords();
  const name = (part: string | null): string => {
    const found = agreed.parts.find((p) => p.id === part);
    return found ? own(found.title, found.titleVi) : t('usage.general');
  };
  const said = (fact: string): string => (has(`fact.${fact}`) ? t(`fact.${fact}`) : fact);
  return (
    <>
      <Section
        aside={pack.reminder ? <Mark is="warn">{t('usage.reminder', { days: number(pack.reminder) })}</Mark> : null}
        title={t('usage.days', { count: number(pack.daysLeft) })}>
        <RowTable
          label={t('usage.title')} rows={pack.parts} rowKey={(p) => p.part ?? 'general'}
          columns={[
            { key: 'part', head: t(`parts.${agreed.partNoun}`), wrap: true, cell: (p) => name(p.part) },
            {
              key: 'acts', head: t('usage.acts'), right: true, wrap: true, sort: (p) => p.acts,
              cell: (p) => (p.acts > 0 ? number(p.acts) : <span className="e-quiet">{t('usage.never')}</span>),
            },
            { key: 'what', head: t('usage.fact'), wrap: true, cell: (p) => p.byClass.map((c) => `${said(c.class)}: ${number(c.count)}`).join('; ') },
          ]}
        />
      </Section>
      {pack.latest.length > 0 ? (
        <Section title={t('usage.latest')}>
          <RowTable
            label={t('usage.latest')} rows={pack.latest} rowKey={(f) => `${f.index} ${f.clause}`} to={(f) => `/facts/${f.index}`}
            columns={[
              { key: 'fact', head: t('usage.fact'), wrap: true, cell: (f) => <Link to={`/facts/${f.index}`}>{said(f.fact)}</Link> },
              { key: 'clause', head: t('usage.clause'), cell: (f) => f.clause },
              { key: 'at', head: t('usage.at'), cell: (f) => <Time at={f.at} to="minute" /> },
            ]}
          />
        </Section>
      ) : null}
    </>
  );
}
