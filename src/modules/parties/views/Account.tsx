/** One's own passkeys and open sessions. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { startRegistration } from '@simplewebauthn/browser';
import { useState } from 'react';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { ceremonyError, creationOptions, Elsewhere } from './Ceremony.tsx';

export function Account() {
  const { t } = useWords();
  return <Page title={t('nav.account')} description={t('account.text')}><Passkeys /><Sessions /></Page>;
}

function Passkeys() {
  const { t } = useWords();
  const asked = useAsk(partiesApi['passkeys.list'], {});
  const remove = useAct(partiesApi['passkeys.remove']);
  return (
    <Section title={t('passkeys.title')} note={t('passkeys.note')} aside={<AddPasskey />}>
      {remove.error ? <ProblemNote error={remove.error} /> : null}
      <Answer of={asked} skeleton={<TableSkeleton rows={2} />}>
        {({ passkeys }) => (
          <RowTable
            label={t('passkeys.title')} rows={passkeys} rowKey={(p) => p.id}
            empty={<EmptyState title={t('passkeys.empty')} how={t('passkeys.empty-how')} />}
            columns={[
              { key: 'name', head: t('token.name'), cell: (p) => p.name, sort: (p) => p.name },
              { key: 'created', head: t('passkeys.since'), cell: (p) => <Time at={p.createdAt} to="day" />, sort: (p) => p.createdAt },
              { key: 'used', head: t('token.used'), spare: true, cell: (p) => (p.lastUsedAt ? <Time at={p.lastUsedAt} /> : t('token.never')) },
              {
                key: 'act', head: t('person.acts'),
                cell: (p) => (
                  <Button
                    variant="subtle" color="red" size="compact-xs" disabled={passkeys.length === 1}
                    title={passkeys.length === 1 ? t('refusal.passkey.last') : undefined} onClick={() => remove.mutate({ passkey: p.id })}
                  >
                    {t('passkeys.remove')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}

function AddPasskey() {
  const { t } = useWords();
  const { ask } = useTransport();
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const [name, setName] = useState('');
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      const { challengeId, options } = await ask(partiesApi['passkeys.challenge'], {});
      const response = await startRegistration({ optionsJSON: creationOptions(options) });
      await ask(partiesApi['passkeys.add'], { challengeId, response: { ...response }, name: name.trim() });
      await queries.invalidateQueries();
      setName('');
      close();
    } catch (caught) {
      setError(ceremonyError(caught, t('sign-in.stopped')));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>{t('passkeys.add')}</Button>
      <Modal opened={opened} onClose={close} title={t('passkeys.add')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form act={t('passkeys.add')} onAct={() => void act()} busy={busy} error={error} why={name.trim() === '' ? t('passkeys.why') : null}>
          <Elsewhere />
          <TextInput
            label={t('token.name')} description={t('passkeys.name-how')} value={name} data-autofocus
            onChange={(e) => setName(e.currentTarget.value)}
          />
        </Form>
      </Modal>
    </>
  );
}

function Sessions() {
  const { t } = useWords();
  const asked = useAsk(partiesApi['sessions.list'], {});
  const revoke = useAct(partiesApi['sessions.revoke']);
  return (
    <Section title={t('sessions.title')} note={t('sessions.note')}>
      {revoke.error ? <ProblemNote error={revoke.error} /> : null}
      <Answer of={asked} skeleton={<TableSkeleton rows={2} />}>
        {({ sessions }) => (
          <RowTable
            label={t('sessions.title')} rows={sessions} rowKey={(s) => s.id} empty={<EmptyState title={t('ui.none')} />}
            columns={[
              { key: 'device', head: t('session.device'), cell: (s) => s.device, sort: (s) => s.device },
              { key: 'started', head: t('session.started'), cell: (s) => <Time at={s.startedAt} />, sort: (s) => s.startedAt },
              { key: 'seen', head: t('session.seen'), spare: true, cell: (s) => <Time at={s.lastSeenAt} />, sort: (s) => s.lastSeenAt },
              { key: 'expires', head: t('token.expires'), spare: true, cell: (s) => <Time at={s.expiresAt} />, sort: (s) => s.expiresAt },
              {
                key: 'act', head: t('person.acts'),
                cell: (s) => (s.current ? <Mark is="good">{t('session.current')}</Mark> : (
                  <Button variant="subtle" color="red" size="compact-xs" onClick={() => revoke.mutate({ session: s.id })}>
                    {t('session.end')}
                  </Button>
                )),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}
