/** One's own passkeys and open sessions. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { startRegistration } from '@simplewebauthn/browser';
import { useState } from 'react';
import { askPresent, useAct, useAsk, useTransport } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { ByProvider } from './ByProvider.tsx';
import { ceremonyError, creationOptions, Elsewhere } from './Ceremony.tsx';
import { SessionTable } from './SessionTable.tsx';

export function Account() {
  const { t } = useWords();
  return <Page title={t('nav.account')} description={t('account.text')}><Passkeys /><Identity /><Sessions /></Page>;
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
              { key: 'name', head: t('token.name'), wrap: true, cell: (p) => p.name, sort: (p) => p.name },
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
  const transport = useTransport();
  const { ask } = transport;
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const [name, setName] = useState('');
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      const { challengeId, options } = await askPresent(transport, () => ask(partiesApi['passkeys.challenge'], {}));
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
  const others = useAct(partiesApi['sessions.revoke-others']);
  const many = (asked.data?.sessions.length ?? 0) > 1;
  const error = revoke.error ?? others.error;
  return (
    <Section
      title={t('sessions.title')} note={t('sessions.note')}
      aside={many ? (
        <Button variant="default" size="xs" loading={others.isPending} onClick={() => others.mutate({})}>{t('sessions.end-others')}</Button>
      ) : null}
    >
      {error ? <ProblemNote error={error} /> : null}
      <Answer of={asked} skeleton={<TableSkeleton rows={2} />}>
        {({ sessions }) => (
          <SessionTable
            label={t('sessions.title')} sessions={sessions} empty={<EmptyState title={t('ui.none')} />}
            act={(s) => (
              <Button variant="subtle" color="red" size="compact-xs" onClick={() => revoke.mutate({ session: s.id })}>{t('session.end')}</Button>
            )}
          />
        )}
      </Answer>
    </Section>
  );
}

/** The account of the identity provider: linked, expected by an administrator, or neither. */
function Identity() {
  const { t } = useWords();
  const asked = useAsk(partiesApi['oidc.identity'], {});
  const unlink = useAct(partiesApi['oidc.unlink']);
  if (!asked.data?.provider) return null;
  const { linked, expected, provider } = asked.data;
  return (
    <Section title={t('identity.title', { name: provider })} aside={expected ? <ByProvider next="/account" link /> : null}>
      {unlink.error ? <ProblemNote error={unlink.error} /> : null}
      <div style={{ display: 'flex', gap: 12, alignItems: 'center', flexWrap: 'wrap' }}>
        {linked ? <Mark is="good">{t('identity.linked')}</Mark> : <Mark is="none">{t(expected ? 'identity.expected' : 'identity.none')}</Mark>}
        {linked ? <Time at={linked.since} to="day" /> : null}
        {linked ? <Button variant="subtle" color="red" size="compact-xs" onClick={() => unlink.mutate({})}>{t('identity.unlink')}</Button> : null}
      </div>
    </Section>
  );
}
