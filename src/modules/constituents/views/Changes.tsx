/** What changed since one last said that one has seen it; the first thing on a constituent's desk. */
import { Button } from '@mantine/core';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { changeKinds, type ChangeKind } from '../model/desk.ts';
import { graveness } from './Findings.tsx';

const meaning: Readonly<Record<ChangeKind, Meaning>> = { new: 'info', reopened: 'danger', closed: 'good', overdue: 'warn' };

export function Changes() {
  const asked = useAsk(constituentsApi.myChanges, {});
  return <Answer of={asked}>{(told) => <Told of={told} />}</Answer>;
}

function Told({ of }: { readonly of: OutputOf<typeof constituentsApi.myChanges> }) {
  const { t, number } = useWords();
  const see = useAct(constituentsApi.seeChanges);
  const { items, counts, since } = of;
  const all = changeKinds.reduce((sum, kind) => sum + counts[kind], 0);
  // The empty list of notices says it.
  if (all === 0 && since === null) return null;
  const title = since === null ? t('changes.first') : t('changes.title');
  return (
    <Section
      title={title} note={since === null ? t('changes.first-note') : <>{t('changes.since')} <Time at={since} /></>}
      aside={all === 0 ? null : (
        <Button size="xs" variant="default" loading={see.isPending} onClick={() => see.mutate(of.mark)}>{t('changes.seen')}</Button>
      )}
    >
      {see.error ? <ProblemNote error={see.error} /> : null}
      {all === 0 ? <p style={{ margin: 0 }}>{t('changes.none')}</p> : (
        <>
          <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'center', marginBottom: 8 }}>
            {changeKinds.filter((kind) => counts[kind] > 0).map((kind) => (
              <Mark key={kind} is={meaning[kind]}>{`${number(counts[kind])} ${t(`changes.${kind}`)}`}</Mark>
            ))}
          </div>
          <RowTable
            label={title} rows={items} rowKey={(c) => `${c.what} ${c.finding} ${c.at}`} to={(c) => `/my-notices/${c.notice}`}
            columns={[
              { key: 'what', head: t('changes.what'), cell: (c) => <Mark is={meaning[c.what]}>{t(`changes.${c.what}`)}</Mark>, sort: (c) => c.what },
              {
                key: 'asset', head: t('exposure.asset'), wrap: true, sort: (c) => c.asset,
                cell: (c) => <Link className="e-mono" to={`/my-notices/${c.notice}`}>{c.asset}</Link>,
              },
              { key: 'problem', head: t('notices.what'), cell: (c) => `${t(`kind.${c.kind}`)} ${c.family || c.type}`, sort: (c) => c.family || c.type },
              {
                key: 'severity', head: t('exposure.severity'), spare: true,
                cell: (c) => <Mark is={graveness[c.severity]}>{t(`severity.${c.severity}`)}</Mark>,
              },
              { key: 'at', head: t('changes.at'), spare: true, cell: (c) => <Time at={c.at} />, sort: (c) => c.at },
            ]}
          />
          {all > items.length ? <p className="e-small e-faint">{t('changes.more', { shown: number(items.length), all: number(all) })}</p> : null}
        </>
      )}
    </Section>
  );
}
