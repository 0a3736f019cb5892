/**
 * Where the identity provider sends the browser back to. The secret of the passage is in this browser alone: an address
 * that somebody else made leads to no account.
 */
import { useEffect, useRef, useState } from 'react';
import { EmptyState } from '#ui/EmptyState';
import { Block, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { ButtonLink, ownAddress } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { useCeremony } from './Ceremony.tsx';
import { endPassage, keptPassage } from './passage.ts';

export function Provider() {
  const { t } = useWords();
  const brought = useRef(new URLSearchParams(window.location.search));
  const [passage] = useState(keptPassage);
  const { act, error } = useCeremony(async (ask) => {
    const given = Object.fromEntries(['code', 'state', 'iss', 'error'].flatMap((name) => {
      const value = brought.current.get(name);
      return value === null ? [] : [[name, value.slice(0, 4000)]];
    }));
    await ask(partiesApi['oidc.finish'], { flow: passage?.flow ?? '', ...given });
  }, ownAddress(passage?.next));
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !passage) return;
    begun.current = true;
    endPassage();
    // The code leaves the address before anything else: it is no page to come back to.
    window.history.replaceState(null, '', '/sign-in/provider');
    void act();
  }, [act, passage]);
  return (
    <Page title={t('provider.title')} description={t('provider.text')}>
      <Section>
        {passage ? (error ? <ProblemNote error={error} /> : <Block height={64} />) : (
          <EmptyState title={t('provider.none')} how={t('provider.none-how')} />
        )}
        {error || !passage ? <ButtonLink to="/sign-in" variant="default" mt={12}>{t('sign-in.title')}</ButtonLink> : null}
      </Section>
    </Page>
  );
}
