/** Who watches, from where, with which key and by which clock; and registering an observer of one’s own. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';
import type { Observer } from '../model.ts';
import { ClockMark, usePlace } from './marks.tsx';

export function Observers() {
  const { t } = useWords();
  const asked = useAsk(watchApi['observers.list'], {}, { keep: true });
  return (
    <Page title={t('nav.observers')} description={t('watch.observers-text')}>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ items, mayRegister }) => (
          <>
            <Section>
              {items.length === 0 ? <EmptyState title={t('watch.no-observer')} how={t('watch.no-observer-how')} />
                : <Table items={items} mayEnd={mayRegister} />}
            </Section>
            {mayRegister ? <Register /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Table({ items, mayEnd }: { readonly items: readonly Observer[]; readonly mayEnd: boolean }) {
  const { t } = useWords();
  const place = usePlace();
  const end = useAct(watchApi['observers.end']);
  const where = (o: Observer): string => place(o.network === null ? o.country : `${o.country} ${o.network}`);
  return (
    <>
      {end.error ? <ProblemNote error={end.error} /> : null}
      <RowTable
        label={t('nav.observers')} rows={items} rowKey={(o) => o.id}
        columns={[
          { key: 'place', head: t('watch.place'), wrap: true, sort: where, cell: where },
          { key: 'name', head: t('watch.observer'), wrap: true, sort: (o) => o.name ?? '', cell: (o) => o.name ?? t('watch.not-told') },
          { key: 'org', head: t('watch.organisation'), wrap: true, spare: true, sort: (o) => o.orgName ?? '',
            cell: (o) => o.orgName ?? t('watch.not-told') },
          { key: 'clock', head: t('watch.clock'), sort: (o) => o.clock,
            cell: (o) => (o.endedAt === null ? <ClockMark observer={o} /> : <Mark is="none">{t('watch.observer-ended')}</Mark>) },
          { key: 'key', head: t('watch.key'), spare: true, cell: (o) => <Hash value={o.publicKey} keep={3} /> },
          { key: 'at', head: t('watch.last-look'), spare: true, sort: (o) => o.lastAt ?? '',
            cell: (o) => (o.lastAt === null ? '' : <Time at={o.lastAt} />) },
          ...mayEnd ? [{ key: 'act', head: t('watch.act'), spare: true, cell: (o: Observer) => (o.mine && o.endedAt === null
            ? <Button size="compact-xs" variant="default" loading={end.isPending}
              onClick={() => end.mutate({ observer: o.id })}>{t('watch.observer-end')}</Button>
            : null) }] : [],
        ]}
      />
    </>
  );
}

function Register() {
  const { t } = useWords();
  const empty = { name: '', country: '', network: '', keyid: '', publicKey: '' };
  const [typed, setTyped] = useState(empty);
  const register = useAct(watchApi['observers.register']);
  const read = watchApi['observers.register'].input.safeParse({
    ...typed, country: typed.country.toUpperCase(), network: typed.network.trim() === '' ? null : typed.network.trim().toUpperCase(),
  });
  const change = (patch: Partial<typeof typed>): void => setTyped({ ...typed, ...patch });
  return (
    <Section title={t('watch.register')} note={t('watch.register-text')}>
      <Form
        act={t('watch.register')} busy={register.isPending} error={register.error} why={read.success ? null : t('watch.register-why')}
        onAct={() => read.success && register.mutate(read.data, { onSuccess: () => setTyped(empty) })}
      >
        <TextInput label={t('watch.observer')} description={t('watch.observer-how')} value={typed.name} maxLength={120}
          onChange={(e) => change({ name: e.currentTarget.value })} />
        <TextInput label={t('watch.country')} description={t('watch.country-how')} value={typed.country} maxLength={2}
          onChange={(e) => change({ country: e.currentTarget.value })} />
        <TextInput label={t('watch.network')} description={t('watch.network-how')} value={typed.network} maxLength={12}
          onChange={(e) => change({ network: e.currentTarget.value })} />
        <TextInput label={t('watch.keyid')} description={t('watch.keyid-how')} value={typed.keyid} maxLength={100}
          onChange={(e) => change({ keyid: e.currentTarget.value })} />
        <Textarea label={t('watch.key')} description={t('watch.key-how')} value={typed.publicKey} maxLength={2_000} autosize minRows={2}
          onChange={(e) => change({ publicKey: e.currentTarget.value })} />
      </Form>
    </Section>
  );
}
