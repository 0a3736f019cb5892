/** One notice: for the centre as it stands in the queue, for the constituent as what it has to act on. */
import { Button } from '@mantine/core';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { Findings } from './Findings.tsx';

type Whole = OutputOf<typeof constituentsApi.notice>;

export function NoticeView() {
  const { t } = useWords();
  const notice = usePathParameter('notice');
  const asked = useAsk(constituentsApi.notice, { notice });
  return (
    <Page title={asked.data?.notice.constituentName ?? t('notices.notice')} above={<Link to="/notices">{t('nav.notices')}</Link>}>
      <Answer of={asked}>
        {(whole) => (
          <>
            <Head of={whole} />
            <Findings of={whole.findings} />
            <Trail subject={whole.notice.constituent} />
          </>
        )}
      </Answer>
    </Page>
  );
}

export function MyNotice() {
  const { t } = useWords();
  const reader = useReader();
  const notice = usePathParameter('notice');
  const asked = useAsk(constituentsApi.myNotice, { notice });
  const read = useAct(constituentsApi.acknowledge);
  const fixed = useAct(constituentsApi.sayFixed);
  const dispute = useAct(constituentsApi.dispute);
  const may = reader.may('notice.answer');
  return (
    <Page
      title={asked.data ? `${t(`kind.${asked.data.notice.kind}`)} ${asked.data.notice.family}` : t('notices.notice')}
      above={<Link to="/my-notices">{t('nav.my-notices')}</Link>}
      act={may && asked.data?.notice.acknowledgedAt === null ? (
        <Button onClick={() => read.mutate({ notice })} loading={read.isPending}>{t('notices.acknowledge')}</Button>
      ) : null}
    >
      {read.error ? <ProblemNote error={read.error} /> : null}
      {fixed.error ? <ProblemNote error={fixed.error} /> : null}
      {dispute.error ? <ProblemNote error={dispute.error} /> : null}
      <Answer of={asked}>
        {(whole) => (
          <>
            <Head of={whole} />
            <Findings
              of={whole.findings} busy={fixed.isPending} onFixed={may ? (finding) => fixed.mutate({ finding }) : undefined}
              onDispute={may ? (finding, reason) => dispute.mutate({ finding, reason }) : undefined}
            />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Head({ of: { notice: n } }: { readonly of: Whole }) {
  const { t, number } = useWords();
  return (
    <Section note={t('findings.rule')}>
      <Particulars
        items={[
          [t('notices.what'), `${t(`kind.${n.kind}`)} ${n.family || n.type}`], [t('exposure.assets'), number(n.assets)],
          [t('notices.open'), number(n.open)], [t('exposure.since'), <Time at={n.first} />], [t('exposure.last'), <Time at={n.last} />],
          [t('notices.read'), n.acknowledgedAt ? <Time at={n.acknowledgedAt} /> : t('notices.not-yet')], [t('notices.rung'), t(`rung.${n.rung}`)],
        ]}
      />
    </Section>
  );
}
