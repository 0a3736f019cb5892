/** The blocking lists: what each serves, what ends next, which is switched off; and the guards that make a block take two people. */
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { blockingLabels, blockingPurposes, blockingReaders } from '../model/blocking.ts';
import { SwitchMark } from './BlockingMarks.tsx';
import { Guards } from './Guards.tsx';

type Lists = OutputOf<typeof constituentsApi.blocklists>;
type One = Lists['lists'][number];

export function Blocking() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(constituentsApi.blocklists, {});
  return (
    <Page title={t('nav.blocking')} description={t('blocking.text')} act={reader.may('blocklist.change') ? <Create /> : null}>
      <Answer of={asked}>{(answer) => <Body {...answer} />}</Answer>
      <Guards />
    </Page>
  );
}

function Body({ lists }: Lists) {
  const { t, number } = useWords();
  const sum = (of: (l: One) => number): string => number(lists.reduce((n, l) => n + of(l), 0));
  return (
    <>
      <Figures>
        {(['active', 'waiting', 'colliding'] as const).map((what) => (
          <Figure
            key={what} label={t(`blocking.${what}`)} value={sum((l) => l[what])} definition={{ text: t(`blocking.${what}-how`) }}
            to="/blocking-lists"
          />
        ))}
      </Figures>
      <Section title={t('blocking.lists')}>
        <RowTable
          label={t('blocking.lists')} rows={lists} rowKey={(l) => l.id} to={(l) => `/blocking-lists/${l.id}`}
          marked={(l) => l.killedAt !== null}
          empty={<EmptyState title={t('blocking.none')} how={t('blocking.none-how')} />}
          columns={[
            {
              key: 'title', head: t('blocking.list'), wrap: true, sort: (l) => l.title,
              cell: (l) => (
                <>
                  <Link to={`/blocking-lists/${l.id}`}>{l.title}</Link>
                  <div className="e-small e-quiet">{t(`blocking-purpose.${l.purpose}`)}</div>
                </>
              ),
            },
            { key: 'switch', head: t('asset.state'), cell: (l) => <SwitchMark killedAt={l.killedAt} />, sort: (l) => l.killedAt ?? '' },
            { key: 'active', head: t('blocking.active'), right: true, cell: (l) => number(l.active), sort: (l) => l.active },
            { key: 'waiting', head: t('blocking.waiting'), right: true, cell: (l) => number(l.waiting), sort: (l) => l.waiting },
            {
              key: 'next', head: t('blocking.next'), spare: true, sort: (l) => l.nextExpiry,
              cell: (l) => (l.nextExpiry ? <Time at={l.nextExpiry} /> : t('ui.none')),
            },
            { key: 'tlp', head: t('blocking.tlp'), spare: true, cell: (l) => <TlpLabel label={l.tlp} />, sort: (l) => l.tlp },
          ]}
        />
      </Section>
    </>
  );
}

function Create() {
  const { t } = useWords();
  const go = useGo();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState({ name: '', title: '', purpose: 'dns', tlp: 'GREEN', readers: 'constituents' });
  const create = useAct(constituentsApi.createBlocklist);
  const choose = <T extends string>(all: readonly T[], value: string): T | undefined => all.find((one) => one === value);
  const act = () => create.mutate({
    name: typed.name, title: typed.title, purpose: choose(blockingPurposes, typed.purpose) ?? 'dns', tlp: choose(blockingLabels, typed.tlp),
    readers: choose(blockingReaders, typed.readers),
  }, { onSuccess: ({ list }) => go(`/blocking-lists/${list.id}`) });
  const fine = /^[a-z0-9][a-z0-9-]{1,39}$/.test(typed.name) && typed.title.trim() !== '';
  return (
    <>
      <Button onClick={open}>{t('blocking.create')}</Button>
      <Modal opened={opened} onClose={close} title={t('blocking.create')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('blocking.create')} busy={create.isPending} error={create.error} why={fine ? null : t('blocking.create-why')}
          onAct={act}
        >
          <TextInput
            label={t('blocking.title')} value={typed.title} data-autofocus
            onChange={(e) => setTyped({ ...typed, title: e.currentTarget.value })}
          />
          <TextInput
            label={t('blocking.name')} description={t('blocking.name-how')} value={typed.name} spellCheck={false}
            onChange={(e) => setTyped({ ...typed, name: e.currentTarget.value })}
          />
          <NativeSelect
            label={t('blocking.purpose')} value={typed.purpose} onChange={(e) => setTyped({ ...typed, purpose: e.currentTarget.value })}
            data={blockingPurposes.map((value) => ({ value, label: t(`blocking-purpose.${value}`) }))}
          />
          <NativeSelect
            label={t('blocking.readers')} value={typed.readers} onChange={(e) => setTyped({ ...typed, readers: e.currentTarget.value })}
            data={blockingReaders.filter((value) => value !== 'chosen').map((value) => ({ value, label: t(`blocking-readers.${value}`) }))}
          />
          <NativeSelect
            label={t('blocking.tlp')} description={t('blocking.tlp-how')} value={typed.tlp} data={[...blockingLabels]}
            onChange={(e) => setTyped({ ...typed, tlp: e.currentTarget.value })}
          />
        </Form>
      </Modal>
    </>
  );
}
