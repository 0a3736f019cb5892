/** Statements of reviews, for everybody: what was read, how much, what is open, and how far the product has moved on since. */
import { Button } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { StatementLine } from '../model.ts';

export function Statements() {
  const { t, percent } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(centreApi['statements.list'], {});
  return (
    <Page title={t('nav.statements')} description={t('centre.statements-text')}>
      <Section>
        <Answer of={asked} skeleton={<Block height={200} />}>
          {({ items }) => (
            <RowTable
              label={t('nav.statements')} rows={items} rowKey={(s) => s.id}
              empty={<EmptyState title={t('centre.no-statement')} how={t('centre.no-statement-how')} />}
              columns={[
                { key: 'product', head: t('centre.product'), wrap: true,
                  cell: (s) => <Link to={`/statements?statement=${s.id}`}>{`${s.product} ${s.version}`}</Link>, sort: (s) => s.product },
                { key: 'by', head: t('centre.by'), wrap: true, spare: true, cell: (s) => s.by, sort: (s) => s.by },
                { key: 'share', head: t('centre.share'), right: true, cell: (s) => percent(s.bytes === 0 ? 0 : 100 * s.seenBytes / s.bytes, 2), sort: (s) =>
                  s.seenBytes / Math.max(1, s.bytes) },
                { key: 'state', head: t('centre.state'), cell: (s) => <Standing of={s} />, sort: (s) => s.behind },
                { key: 'at', head: t('centre.made'), spare: true, cell: (s) => <Time at={s.madeAt} />, sort: (s) => s.madeAt },
              ]}
            />
          )}
        </Answer>
      </Section>
      {search['statement'] ? <Chosen id={search['statement']} /> : null}
    </Page>
  );
}

function Standing({ of: { behind, withdrawn } }: { readonly of: StatementLine }) {
  const { t, number } = useWords();
  if (withdrawn) return <Mark is="danger">{t('centre.release-withdrawn')}</Mark>;
  if (behind === null) return <Mark is="danger">{t('centre.expired')}</Mark>;
  return behind === 0 ? <Mark is="good">{t('centre.current')}</Mark> : <Mark is="warn">{t('centre.behind', { count: number(behind) })}</Mark>;
}

function Chosen({ id }: { readonly id: string }) {
  const { t, number, percent } = useWords();
  const asked = useAsk(centreApi['statements.fetch'], { statement: id });
  return (
    <Section title={t('centre.statement')} note={t('centre.statement-check')}>
      <Answer of={asked} skeleton={<Block height={160} />}>
        {({ line, text, key }) => (
          <>
            <Particulars
              items={[
                [t('centre.product'), `${line.product} ${line.version}`], [t('centre.by'), line.by], [t('centre.level'), t(`centre.level.${line.level}`)],
                [t('centre.share'), t('centre.share-text', {
                  share: percent(line.bytes === 0 ? 0 : 100 * line.seenBytes / line.bytes, 2), seen: number(line.seenBytes), of: number(line.bytes),
                    views: number(line.views),
                })],
                [t('centre.equivalence'), t(`centre.equivalence-${line.equivalence.replaceAll(' ', '-')}`)],
                [t('centre.open-findings'), number(line.openFindings)], [t('centre.expires'), <Time key="t" at={line.expires} />],
              ]}
            />
            <Code label={t('centre.statement-command')} text={`entente verify ${line.id}.json --keys keys.txt`} />
            <Code label={t('centre.key')} text={key} />
            <Button
              component="a" variant="default" download={`${line.id}.json`}
              href={`data:application/json;charset=utf-8,${encodeURIComponent(text)}`}
            >
              {t('centre.download')}
            </Button>
          </>
        )}
      </Answer>
    </Section>
  );
}
