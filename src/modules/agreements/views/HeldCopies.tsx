/** Copies of agreements that another hub recorded: what one holds, and taking one in. Each is evidence and gives no right. */
import { FileInput, NativeSelect, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { partiesApi } from '#modules/parties/api';
import { useAct, useAsk } from '#ui/asking';
import { Breakable } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';

export function HeldCopies() {
  const { t, own } = useWords();
  const reader = useReader();
  const asked = useAsk(agreementsApi['held-copies.list'], {});
  const parties = useAsk(partiesApi['organisations.list'], {});
  /** By the name it has here, where it is here. */
  const nameOf = (id: string | null, name: string): string => {
    const found = parties.data?.organisations.find((o) => o.id === id);
    return found ? own(found.name, found.nameLocal) : name;
  };
  return (
    <Page title={t('nav.held-copies')} description={t('held.text')}>
      <Section>
        <Answer of={asked}>
          {({ copies }) => (
            <RowTable
              label={t('nav.held-copies')} rows={copies} rowKey={(c) => c.id}
              empty={<EmptyState title={t('held.empty')} how={t('held.empty-how')} />}
              columns={[
                { key: 'title', head: t('agreement.agreement'), wrap: true, cell: (c) => own(c.title, c.titleVi) },
                {
                  key: 'parties', head: t('held.parties'), wrap: true,
                  cell: (c) => t('agreement.between', {
                    authority: nameOf(c.authority, c.authorityName), counterpart: nameOf(c.counterpart, c.counterpartName),
                  }),
                },
                {
                  key: 'proof', head: t('held.verified'), wrap: true,
                  cell: (c) => (
                    <>
                      <Mark is="good">{t('held.proved')}</Mark>
                      <div className="e-mono e-small e-quiet"><Breakable text={c.logs.join(', ')} /></div>
                    </>
                  ),
                },
                { key: 'digest', head: t('agreement.document'), spare: true, cell: (c) => <Hash value={c.documentSha256} /> },
                { key: 'taken', head: t('held.taken'), spare: true, sort: (c) => c.takenAt, cell: (c) => <Time at={c.takenAt} /> },
              ]}
            />
          )}
        </Answer>
      </Section>
      {reader.may('agreement.import') ? <TakeIn /> : null}
    </Page>
  );
}

const nothing = { name: '', text: '', policy: '', side: 'counterpart', other: '' };

function TakeIn() {
  const { t, own } = useWords();
  const reader = useReader();
  const parties = useAsk(partiesApi['organisations.list'], {});
  const take = useAct(agreementsApi['agreements.import']);
  const [typed, setTyped] = useState(nothing);
  const change = (some: Partial<typeof nothing>) => setTyped((before) => ({ ...before, ...some }));
  const others = (parties.data?.organisations ?? []).filter((o) => o.id !== reader.organisation);
  const act = () => {
    const [mine, other] = [reader.organisation, typed.other === '' ? null : typed.other];
    const sides = typed.side === 'authority' ? { authority: mine, counterpart: other } : { authority: other, counterpart: mine };
    take.mutate({ file: { name: typed.name, text: typed.text }, policy: `${typed.policy.trim()}\n`, ...sides }, {
      onSuccess: () => setTyped(nothing),
    });
  };
  return (
    <Section title={t('held.take')} note={t('held.take-how')}>
      <Form
        act={t('held.act')} onAct={act} busy={take.isPending} error={take.error}
        why={typed.text === '' || typed.policy.trim() === '' ? t('held.why') : null}
      >
        <FileInput
          label={t('held.file')} placeholder={t('import.choose')} leftSection={<IconUpload size={16} aria-hidden />}
          onChange={(file) => (file ? void file.text().then((text) => change({ name: file.name, text })) : change({ name: '', text: '' }))}
        />
        <Textarea
          label={t('held.policy')} description={t('held.policy-how')} value={typed.policy} rows={4} spellCheck={false}
          onChange={(e) => change({ policy: e.currentTarget.value })} styles={{ input: { fontFamily: 'var(--e-mono)', fontSize: 12 } }}
        />
        <NativeSelect
          label={t('held.side')} value={typed.side} onChange={(e) => change({ side: e.currentTarget.value })}
          data={[{ value: 'counterpart', label: t('agreement.counterpart') }, { value: 'authority', label: t('agreement.authority') }]}
        />
        <NativeSelect
          label={t('held.other')} value={typed.other} onChange={(e) => change({ other: e.currentTarget.value })}
          data={[{ value: '', label: t('held.not-here') }, ...others.map((o) => ({ value: o.id, label: own(o.name, o.nameLocal) }))]}
        />
      </Form>
    </Section>
  );
}
