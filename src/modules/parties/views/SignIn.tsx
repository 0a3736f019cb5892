/** Signs in with a passkey. Where there is none, says how one comes to have one. */
import { Alert, Button } from '@mantine/core';
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { IconFingerprint } from '@tabler/icons-react';
import { Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { ButtonLink, ownAddress, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { ByProvider } from './ByProvider.tsx';
import { Elsewhere, requestOptions, useCeremony } from './Ceremony.tsx';

export function SignIn() {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const { act, busy, error } = useCeremony(async (ask) => {
    const { challengeId, options } = await ask(partiesApi['session.challenge'], {});
    const response = await startAuthentication({ optionsJSON: requestOptions(options) });
    await ask(partiesApi['session.start'], { challengeId, response: { ...response } });
  }, ownAddress(search['next']));
  return (
    <Page title={t('sign-in.title')} description={t('sign-in.text')}>
      <Section>
        <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 16, maxWidth: 520, justifyItems: 'start' }}>
          <Elsewhere />
          {browserSupportsWebAuthn() ? (
            <Button size="md" loading={busy} onClick={() => void act()} leftSection={<IconFingerprint size={20} aria-hidden />}>
              {t('sign-in.act')}
            </Button>
          ) : <Alert color="yellow">{t('sign-in.unsupported')}</Alert>}
          {error ? <ProblemNote error={error} /> : null}
          <ByProvider next={ownAddress(search['next'])} />
          <p className="e-quiet" style={{ margin: 0 }}>{t('sign-in.how')}</p>
          {reader.demo ? <ButtonLink to="/continue" variant="default">{t('continue.title')}</ButtonLink> : null}
        </div>
      </Section>
    </Page>
  );
}
