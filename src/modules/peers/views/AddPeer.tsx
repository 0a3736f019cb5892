/** Adding a peer: first a look at what is there and whether the credential opens it, then what is settled of it. */
import { Alert, Button } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { peersApi } from '../api/peers.ts';
import type { Found } from '../model/peers.ts';
import { Roots } from './Roots.tsx';
import { authOf, blank, PlaceFields, settingsOf, TermFields, type Typed } from './PeerForm.tsx';

export function AddPeer() {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState<Typed>(blank);
  const [found, setFound] = useState<Found | null>(null);
  const look = useAct(peersApi['peers.look']);
  const add = useAct(peersApi['peers.add']);
  const change = (patch: Partial<Typed>): void => {
    if ('url' in patch || 'scheme' in patch || 'user' in patch || 'secret' in patch) setFound(null);
    setTyped({ ...typed, ...patch });
  };
  const lookNow = (): void => look.mutate({ url: typed.url, auth: authOf(typed), ...typed.secret === '' ? {} : { secret: typed.secret } }, {
    onSuccess: (said) => {
      setFound(said);
      if (typed.title === '') setTyped({ ...typed, title: said.title.slice(0, 120) });
    },
  });
  const settings = settingsOf(typed);
  const ready = URL.canParse(typed.url) && (typed.scheme === 'none' || typed.secret !== '') && (typed.scheme !== 'basic' || typed.user !== '');
  return (
    <Page title={t('nav.peer-add')} description={t('peers.add-text')} above={<Link to="/peers">{t('nav.peers')}</Link>}>
      <Section title={t('peers.look')} note={t('peers.look-note')}>
        <Form act={t('peers.look-act')} onAct={lookNow} busy={look.isPending} error={look.error} why={ready ? null : t('peers.look-why')}>
          <PlaceFields typed={typed} change={change} />
        </Form>
      </Section>
      {found === null ? null : (
        <>
          <Section title={t('peers.found')} note={found.description || t('peers.found-note')}><Roots found={found} /></Section>
          <Section title={t('peers.settle')}>
            <Form
              act={t('peers.add-act')} busy={add.isPending} error={add.error} why={settings ? null : t('peers.add-why')}
              onAct={() => settings && add.mutate(settings, { onSuccess: ({ peer }) => go(`/peers/${peer.id}`) })}
              aside={<Button variant="subtle" onClick={() => setFound(null)}>{t('ui.close')}</Button>}
            >
              <TermFields typed={typed} change={change} />
              <Alert variant="light" color="gray">{t('peers.add-then')}</Alert>
            </Form>
          </Section>
        </>
      )}
    </Page>
  );
}
