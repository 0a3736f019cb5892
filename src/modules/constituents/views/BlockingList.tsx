/** One blocking list: its switch, what waits for a second person, every entry with its ground and its end, and the editions. */
import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters, Typed } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import type { Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { entryStates, type EntryState } from '../model/blocking.ts';
import { longestDays, saidOf } from '../rules/collisions.ts';
import { Collisions, Forms, SwitchMark } from './BlockingMarks.tsx';
import { Editions } from './Editions.tsx';

type Whole = OutputOf<typeof constituentsApi.blocklist>;
type Entry = Whole['items'][number];

const standing: Readonly<Record<EntryState, Meaning>> = { waiting: 'wait', active: 'good', expired: 'none', removed: 'none' };

export function BlockingList() {
  const { t } = useWords();
  const reader = useReader();
  const list = usePathParameter('list');
  const asked = useAsk(constituentsApi.blocklist, { list, limit: 1 });
  const act = reader.may('blocklist.change') ? <ButtonLink to={`/blocking-lists/${list}/add`}>{t('blocking.add')}</ButtonLink> : null;
  return (
    <Page title={asked.data?.list.title ?? t('blocking.list')} above={<Link to="/blocking-lists">{t('nav.blocking')}</Link>} act={act}>
      <Answer of={asked}>
        {(whole) => (
          <>
            <Head list={whole.list} />
            {whole.list.waiting > 0 ? <Waiting list={list} /> : null}
            <Entries list={list} act={act} />
            <Editions list={whole.list} />
            <Trail subject={list} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Head({ list }: Pick<Whole, 'list'>) {
  const { t, number } = useWords();
  const reader = useReader();
  const pulls = reader.may('blocklist.pull');
  return (
    <Section
      title={t('blocking.stands')} note={list.killedAt === null ? t('blocking.stands-note') : t('blocking.off-note')}
      aside={reader.may('blocklist.kill') ? <Switch list={list} /> : null}
    >
      <Particulars
        items={[
          [t('asset.state'), <SwitchMark killedAt={list.killedAt} />],
          ...(list.killedAt === null ? [] : [
            [t('blocking.off-since'), <Time at={list.killedAt} />] as const, [t('field.reason'), list.killReason ?? ''] as const,
          ]),
          [t('blocking.active'), number(list.active)], [t('blocking.waiting'), number(list.waiting)],
          [t('blocking.colliding'), number(list.colliding)],
          [t('blocking.next'), list.nextExpiry ? <Time at={list.nextExpiry} /> : t('ui.none')],
          [t('blocking.purpose'), t(`blocking-purpose.${list.purpose}`)], [t('blocking.tlp'), <TlpLabel label={list.tlp} />],
          [t('blocking.readers'), t(`blocking-readers.${list.readers}`)], [t('blocking.edition'), number(list.edition)],
          ...(pulls ? [[t('blocking.forms'), <Forms list={list.id} />] as const] : []),
        ]}
      />
    </Section>
  );
}

function Switch({ list }: Pick<Whole, 'list'>) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const kill = useAct(constituentsApi.killBlocklist);
  const lift = useAct(constituentsApi.liftBlocklist);
  const on = list.killedAt === null;
  const name = t(on ? 'blocking.kill' : 'blocking.lift');
  const done = { onSuccess: () => { setReason(''); setSure(false); close(); } };
  const why = reason.trim().length < 3 ? t('blocking.reason-why') : on && !sure ? t('blocking.kill-why') : null;
  return (
    <>
      <Button variant={on ? 'default' : 'filled'} size="xs" onClick={open}>{name}</Button>
      <Modal opened={opened} onClose={close} title={name} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={name} busy={kill.isPending || lift.isPending} error={on ? kill.error : lift.error} why={why}
          onAct={() => (on ? kill : lift).mutate({ list: list.id, reason: reason.trim() }, done)}
        >
          <p className="e-small" style={{ margin: 0 }}>{t(on ? 'blocking.kill-how' : 'blocking.lift-how')}</p>
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
          {on ? (
            <Checkbox
              checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} label={t('blocking.kill-sure', { title: list.title })}
            />
          ) : null}
        </Form>
      </Modal>
    </>
  );
}

function columns(t: (key: string) => string): Column<Entry>[] {
  return [
    {
      key: 'value', head: t('blocking.value'), wrap: true, sort: (e) => e.value,
      cell: (e) => <><span className="e-mono">{e.value}</span><Collisions of={e.collides} /></>,
    },
    { key: 'kind', head: t('blocking.kind'), spare: true, sort: (e) => e.kind, cell: (e) => t(`entry-kind.${e.kind}`) },
    {
      key: 'state', head: t('asset.state'), sort: (e) => e.state,
      cell: (e) => <Mark is={standing[e.state]}>{t(`entry-state.${e.state}`)}</Mark>,
    },
    { key: 'expires', head: t('blocking.expires'), sort: (e) => e.expiresAt, cell: (e) => <Time at={e.expiresAt} /> },
    {
      key: 'ground', head: t('blocking.ground'), wrap: true, spare: true, sort: (e) => e.ground,
      cell: (e) => <>{e.ground}<div className="e-small e-quiet">{[e.reason, e.source, e.endReason].filter(Boolean).join(' · ')}</div></>,
    },
  ];
}

function Entries({ list, act }: { readonly list: string; readonly act: ReactNode }) {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const state = entryStates.find((s) => s === search['state']);
  const found = usePaged(constituentsApi.blocklist, {
    list, ...(state ? { state } : {}), ...(search['q'] ? { q: search['q'] } : {}),
    ...(search['colliding'] === 'yes' ? { colliding: 'yes' as const } : {}),
  }, (a) => a);
  const filtered = Boolean(state || search['q'] || search['colliding']);
  return (
    <>
      <Filters names={['q', 'state', 'colliding']}>
        <Typed name="q" label={t('blocking.find')} type="search" />
        <Choice
          name="state" label={t('asset.state')} all={t('ui.all')}
          options={entryStates.map((value) => ({ value, label: t(`entry-state.${value}`) }))}
        />
        <Choice
          name="colliding" label={t('blocking.collides')} all={t('ui.all')}
          options={[{ value: 'yes', label: t('blocking.only-colliding') }]}
        />
      </Filters>
      <Section title={t('blocking.entries')}>
        <PagedTable
          of={found} label={t('blocking.entries')} rowKey={(e) => e.id}
          empty={filtered ? <EmptyState title={t('blocking.none-found')} how={t('blocking.none-found-how')} />
            : <EmptyState title={t('blocking.no-entries')} how={t('blocking.no-entries-how')} act={act} />}
          columns={[
            ...columns(t),
            ...(reader.may('blocklist.change')
              ? [{ key: 'act', head: t('asset.act'), cell: (e: Entry) => <Acts list={list} entry={e} /> }] : []),
          ]}
        />
      </Section>
    </>
  );
}

function Acts({ list, entry }: { readonly list: string; readonly entry: Entry }) {
  if (entry.state !== 'active' && entry.state !== 'waiting') return null;
  return (
    <Group gap={4} wrap="nowrap">
      {entry.state === 'active' ? <Change list={list} entry={entry} what="extend" /> : null}
      <Change list={list} entry={entry} what="remove" />
    </Group>
  );
}

function Change({ list, entry, what }: { readonly list: string; readonly entry: Entry; readonly what: 'extend' | 'remove' }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const remove = useAct(constituentsApi.removeEntry);
  const extend = useAct(constituentsApi.extendEntry);
  const given = { list, entry: entry.id, reason: reason.trim() };
  const act = () => {
    if (what === 'remove') remove.mutate(given, { onSuccess: close });
    else extend.mutate({ ...given, expiresAt: until }, { onSuccess: close });
  };
  const why = reason.trim().length < 3 ? t('blocking.reason-why') : what === 'extend' && until === '' ? t('blocking.until-why') : null;
  return (
    <>
      <Button variant="subtle" size="compact-xs" onClick={open}>{t(`blocking.${what}`)}</Button>
      <Modal
        opened={opened} onClose={close} title={t(`blocking.${what}-title`, { value: entry.value })}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Form
          act={t(`blocking.${what}`)} busy={remove.isPending || extend.isPending} why={why} onAct={act}
          error={what === 'remove' ? remove.error : extend.error}
        >
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
          {what === 'extend' ? (
            <TextInput
              type="date" label={t('blocking.expires')} description={t('blocking.expires-how', { days: longestDays })} value={until}
              onChange={(e) => setUntil(e.currentTarget.value)}
            />
          ) : null}
        </Form>
      </Modal>
    </>
  );
}

/** What waits: chosen ones go to a second person, who sees value, ground, end and collisions as they are shown here. */
function Waiting({ list }: { readonly list: string }) {
  const { t } = useWords();
  const reader = useReader();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const found = usePaged(constituentsApi.blocklist, { list, state: 'waiting', limit: 500 }, (a) => a);
  const activate = useAct(constituentsApi.activateEntries);
  const may = reader.may('blocklist.change');
  const of = (found.rows ?? []).filter((e) => chosen.includes(e.id));
  const toggle = (id: string) => {
    setChosen(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id]);
    activate.reset();
  };
  const act = () => activate.mutate({
    list, reason: reason.trim(),
    entries: of.map(({ value, ground, expiresAt, collides }) => ({ value, ground, expiresAt, collides: collides.map(saidOf) })),
  }, { onSuccess: () => setChosen([]) });
  const why = of.length === 0 ? t('blocking.choose-why') : reason.trim().length < 3 ? t('blocking.reason-why') : null;
  return (
    <Section title={t('blocking.waits')} note={t('blocking.waits-note')}>
      <PagedTable
        of={found} label={t('blocking.waits')} rowKey={(e) => e.id} empty={<EmptyState title={t('blocking.none-waits')} />}
        columns={[
          ...(may ? [{
            key: 'box', head: t('notices.chosen'),
            cell: (e: Entry) => (
              <Checkbox
                aria-label={t('blocking.choose', { value: e.value })} checked={chosen.includes(e.id)} onChange={() => toggle(e.id)}
              />
            ),
          }] : []),
          ...columns(t).filter((c) => c.key !== 'state'),
        ]}
      />
      {may ? (
        <Form act={t('blocking.activate', { count: of.length })} busy={activate.isPending} error={activate.error} why={why} onAct={act}>
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        </Form>
      ) : null}
    </Section>
  );
}
