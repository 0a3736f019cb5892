/** Accepts an invitation: shows for whom and as what, makes the first passkey, signs in. The secret is in the fragment. */
import { Alert, Button } from '@mantine/core';
import { startRegistration } from '@simplewebauthn/browser';
import { IconFingerprint } from '@tabler/icons-react';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { ByProvider } from './ByProvider.tsx';
import { creationOptions, Elsewhere, useCeremony } from './Ceremony.tsx';

export function Accept() {
  const { t, own } = useWords();
  const secret = window.location.hash.slice(1);
  const asked = useAsk(partiesApi['invitations.view'], { secret }, { enabled: secret.length >= 20 });
  return (
    <Page title={t('accept.title')} description={t('accept.text')}>
      {secret.length < 20 ? <EmptyState title={t('accept.none')} how={t('accept.none-how')} /> : (
        <Answer of={asked}>
          {(invitation) => (
            <Section>
              <Particulars
                items={[
                  [t('accept.you'), invitation.name],
                  [t('accept.for'), own(invitation.organisation.name, invitation.organisation.nameLocal)],
                  [t('person.roles'), invitation.roles.map((role) => t(`role.${role}`)).join(', ')],
                  [t('accept.until'), <Time at={invitation.expiresAt} />],
                ]}
              />
              {invitation.provider === null
                ? <Make secret={secret} recovers={invitation.recovers} />
                : <div style={{ marginTop: 20 }}><ByProvider next="/" secret={secret} /></div>}
            </Section>
          )}
        </Answer>
      )}
    </Page>
  );
}

function Make({ secret, recovers }: { readonly secret: string; readonly recovers: boolean }) {
  const { t } = useWords();
  const { act, busy, error } = useCeremony(async (ask) => {
    const { challengeId, options } = await ask(partiesApi['invitations.challenge'], { secret });
    const response = await startRegistration({ optionsJSON: creationOptions(options) });
    await ask(partiesApi['invitations.accept'], { secret, challengeId, response: { ...response } });
  }, '/');
  return (
    <div style={{ display: 'grid', gap: 16, marginTop: 20, justifyItems: 'start' }}>
      <Elsewhere />
      {recovers ? <Alert color="yellow">{t('accept.recovers')}</Alert> : null}
      <Button size="md" loading={busy} onClick={() => void act()} leftSection={<IconFingerprint size={20} aria-hidden />}>
        {t('accept.act')}
      </Button>
      {error ? <ProblemNote error={error} /> : null}
    </div>
  );
}
