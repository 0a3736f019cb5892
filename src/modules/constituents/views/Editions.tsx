/** The editions of a blocking list: what was served when and why, and the way back, looked at before it is gone. */
import { Button, Checkbox, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { Collisions } from './BlockingMarks.tsx';

type List = OutputOf<typeof constituentsApi.blocklist>['list'];
type Edition = OutputOf<typeof constituentsApi.blocklistEditions>['items'][number];

export function Editions({ list }: { readonly list: List }) {
  const { t, number } = useWords();
  const reader = useReader();
  const [chosen, setChosen] = useState<number | null>(null);
  const found = usePaged(constituentsApi.blocklistEditions, { list: list.id }, (a) => a, 'before');
  const may = reader.may('blocklist.change') && list.killedAt === null;
  return (
    <Section title={t('editions.title')} note={t('editions.note')}>
      {chosen === null ? null : <Return list={list.id} edition={chosen} onDone={() => setChosen(null)} />}
      <PagedTable
        of={found} label={t('editions.title')} rowKey={(e) => String(e.number)} empty={<EmptyState title={t('editions.none')} />}
        columns={[
          { key: 'number', head: t('blocking.edition'), right: true, cell: (e) => number(e.number), sort: (e) => e.number },
          { key: 'act', head: t('editions.act'), cell: (e) => <Tag>{t(`edition-act.${e.act}`)}</Tag>, sort: (e) => e.act },
          { key: 'entries', head: t('blocking.entries'), right: true, cell: (e) => number(e.entries), sort: (e) => e.entries },
          { key: 'at', head: t('editions.made'), cell: (e) => <Time at={e.madeAt} />, sort: (e) => e.madeAt },
          { key: 'sha256', head: 'SHA-256', spare: true, cell: (e) => <Hash value={e.sha256} /> },
          { key: 'why', head: t('field.reason'), spare: true, wrap: true, cell: (e) => e.why },
          ...(may ? [{
            key: 'back', head: t('asset.act'), cell: (e: Edition) => (e.number === list.edition ? null : (
              <Button variant="subtle" size="compact-xs" onClick={() => setChosen(e.number)}>{t('editions.back')}</Button>
            )),
          }] : []),
        ]}
      />
    </Section>
  );
}

function Return({ list, edition, onDone }: { readonly list: string; readonly edition: number; readonly onDone: () => void }) {
  const asked = useAsk(constituentsApi.compareEdition, { list, edition });
  return <Answer of={asked}>{(change) => <Confirm list={list} change={change} onDone={onDone} />}</Answer>;
}

interface ConfirmProps {
  readonly list: string;
  readonly change: OutputOf<typeof constituentsApi.compareEdition>;
  readonly onDone: () => void;
}

function Confirm({ list, change, onDone }: ConfirmProps) {
  const { t, number } = useWords();
  const [reason, setReason] = useState('');
  const [without, setWithout] = useState(false);
  const roll = useAct(constituentsApi.rollBack);
  const expired = change.expired.length > 0;
  const why = reason.trim().length < 3 ? t('blocking.reason-why') : expired && !without ? t('editions.without-why') : null;
  const act = () => roll.mutate({
    list, edition: change.edition.number, reason: reason.trim(), ...(expired ? { without: 'expired' as const } : {}),
  }, {
    onSuccess: (done) => {
      notifications.show({ message: t('editions.done', { number: number(done.edition.number) }) });
      onDone();
    },
  });
  return (
    <div style={{ display: 'grid', gap: 12, marginBottom: 20 }}>
      <h3 style={{ margin: 0 }}>{t('editions.back-to', { number: number(change.edition.number) })}</h3>
      <Particulars
        items={[
          [t('editions.comes-back'), number(change.back.length)], [t('editions.goes'), number(change.gone)],
          [t('editions.expired'), number(change.expired.length)],
          [t('editions.bytes'), t(expired ? 'editions.bytes-other' : 'editions.bytes-same')],
        ]}
      />
      {change.hands === 2 ? <p className="e-small" style={{ margin: 0 }}><Mark is="info">{t('editions.two-hands')}</Mark></p> : null}
      {change.collides.map((l) => (
        <div key={l.value ?? ''} className="e-small"><span className="e-mono">{l.value}</span> <Collisions of={l.collides} /></div>
      ))}
      <Form
        act={t('editions.back')} busy={roll.isPending} error={roll.error} why={why} onAct={act}
        aside={<Button variant="default" onClick={onDone}>{t('ui.cancel')}</Button>}
      >
        <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        {expired ? (
          <Checkbox
            checked={without} onChange={(e) => setWithout(e.currentTarget.checked)}
            label={t('editions.without', { count: change.expired.length })}
            description={change.expired.slice(0, 10).map((e) => e.value).join(', ')}
          />
        ) : null}
      </Form>
    </div>
  );
}
