/** Clocks of duties, open first, and how much of each quota is used; nothing where the agreement has neither. */
import { useAsk } from '#ui/asking';
import { Mark, type Meaning } from '#ui/Mark';
import { Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { sayRest, sideName, type Agreed } from './words.ts';

const meanings: Readonly<Record<string, Meaning>> = { open: 'wait', done: 'good', late: 'danger', 'done-late': 'warn' };

export function Duties({ agreed }: { readonly agreed: Agreed }) {
  const words = useWords();
  const { t } = words;
  const asked = useAsk(agreementsApi['agreements.duties'], { agreement: agreed.id }, { enabled: agreed.status !== 'draft' });
  const { duties = [], quotas = [] } = asked.data ?? {};
  if (duties.length === 0 && quotas.length === 0) return null;
  const said = new Map(agreed.clauses.flatMap((c) => sayRest(words, agreed, c.machine)).map((item) => [item.id, item.said]));
  return (
    <Section title={t('duties.title')} note={t('duties.note')}>
      {duties.length > 0 ? (
        <RowTable
          label={t('duties.title')} rows={duties} rowKey={(d) => d.id}
          columns={[
            { key: 'duty', head: t('duties.obligation'), wrap: true, cell: (d) => said.get(d.obligation) ?? d.obligation },
            {
              key: 'who', head: t('duties.who'), wrap: true, spare: true,
              cell: (d) => sideName(words, agreed, d.debtor === agreed.authority ? 'authority' : 'counterpart'),
            },
            { key: 'due', head: t('duties.due'), sort: (d) => d.dueAt, cell: (d) => <Time at={d.dueAt} to="minute" /> },
            { key: 'state', head: t('duties.state'), cell: (d) => <Mark is={meanings[d.state] ?? 'none'}>{t(`duty.${d.state}`)}</Mark> },
          ]}
        />
      ) : null}
      {quotas.length > 0 ? (
        <RowTable
          label={t('quotas.used')} rows={quotas} rowKey={(q) => q.quota}
          columns={[
            { key: 'clause', head: t('quotas.clause'), wrap: true, cell: (q) => `${q.clause} ${said.get(q.quota) ?? ''}` },
            { key: 'used', head: t('quotas.used'), right: true, cell: (q) => q.used },
            { key: 'left', head: t('quotas.left'), right: true, cell: (q) => q.left },
            { key: 'until', head: t('quotas.until'), spare: true, cell: (q) => <Time at={q.to} to="day" zone={agreed.zone} /> },
          ]}
        />
      ) : null}
    </Section>
  );
}
