/** One peer: what is settled of it, what is followed, and the collections it has, to follow more or to send to. */
import { Button, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Tag } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '#modules/exchange/api/exchange';
import type { OutputOf } from '#kit/endpoint';
import { peersApi } from '../api/peers.ts';
import type { FoundCollection, FoundRoot, Peer as PeerShown } from '../model/peers.ts';
import { everyWords } from './parts.tsx';
import { Followings } from './Peers.tsx';
import { blank, PlaceFields, settingsOf, TermFields, type Typed } from './PeerForm.tsx';
import { Roots } from './Roots.tsx';

type Answered = OutputOf<typeof peersApi['peers.view']>;

export function Peer() {
  const { t } = useWords();
  const reader = useReader();
  const id = usePathParameter('peer');
  const asked = useAsk(peersApi['peers.view'], { peer: id }, { keep: true, every: 5_000 });
  const may = reader.may('peer.change');
  return (
    <Page title={asked.data?.peer.title ?? t('nav.peers')} above={<Link to="/peers">{t('nav.peers')}</Link>}>
      <Answer of={asked}>
        {({ peer, followings }) => (
          <>
            <Section title={t('peers.followed')}>
              <Followings rows={followings} of={peer.title} empty={<EmptyState title={t('peers.nothing-followed')} how={t('peers.nothing-followed-how')} />} />
            </Section>
            {may ? <More peer={peer} followings={followings} /> : null}
            <Settings peer={peer} may={may} />
          </>
        )}
      </Answer>
    </Page>
  );
}

/** The collections that it has now, asked when a person wants to see them: that speaks with the other side. */
function More({ peer, followings }: Answered) {
  const { t } = useWords();
  const look = useAct(peersApi['peers.discover']);
  const follow = useAct(peersApi['followings.add']);
  const taken = (root: FoundRoot, c: FoundCollection, direction: 'in' | 'out'): boolean =>
    followings.some((f) => f.collection === c.id && f.root === root.url && f.direction === direction);
  return (
    <Section
      title={t('peers.has')} note={t('peers.has-note')}
      aside={<Button variant="default" size="compact-sm" loading={look.isPending} onClick={() => look.mutate({ peer: peer.id })}>{t('peers.look-act')}</Button>}
    >
      {look.error ? <ProblemNote error={look.error} /> : null}
      {follow.error ? <ProblemNote error={follow.error} /> : null}
      {look.data ? (
        <Roots
          found={look.data} act={(root, c) => (
            <Group gap="xs">
              {c.canRead && !taken(root, c, 'in') ? (
                <Button
                  size="compact-sm" variant="default" loading={follow.isPending} aria-label={t('peers.follow-of', { name: c.title || c.id })}
                  onClick={() => follow.mutate({ peer: peer.id, direction: 'in', root: root.url, collection: c.id, title: c.title || c.id })}
                >
                  {t('peers.follow')}
                </Button>
              ) : null}
              {c.canWrite && !taken(root, c, 'out') && peer.agreement !== null ? <SendTo peer={peer} root={root} collection={c} /> : null}
              {taken(root, c, 'in') ? <Tag>{t('peers.followed-already')}</Tag> : null}
            </Group>
          )}
        />
      ) : null}
    </Section>
  );
}

/** What one shares under the agreement with this peer, to be sent to one of its collections. */
function SendTo({ peer, root, collection }: { readonly peer: PeerShown; readonly root: FoundRoot; readonly collection: FoundCollection }) {
  const { t } = useWords();
  const shared = useAsk(exchangeApi['collections.list'], {});
  const add = useAct(peersApi['followings.add']);
  const mine = (shared.data?.own ?? []).filter((c) => c.kind === 'shared' && c.closedAt === null && c.agreement === peer.agreement);
  if (mine.length === 0) return <span className="e-small e-faint">{t('peers.nothing-to-send')}</span>;
  return (
    <>
      <NativeSelect
        size="xs" aria-label={t('peers.send-to', { name: collection.title || collection.id })} value="" disabled={add.isPending}
        data={[{ value: '', label: t('peers.send-which') }, ...mine.map((c) => ({ value: c.id, label: c.title }))]}
        onChange={(e) => e.currentTarget.value && add.mutate({
          peer: peer.id, direction: 'out', own: e.currentTarget.value, root: root.url, collection: collection.id, title: collection.title || collection.id,
        })}
      />
      {add.error ? <ProblemNote error={add.error} /> : null}
    </>
  );
}

const typedOf = (peer: PeerShown): Typed => ({
  ...blank, title: peer.title, url: peer.url, scheme: peer.auth.scheme, user: peer.auth.scheme === 'basic' ? peer.auth.user : '', unmarked: peer.unmarked,
  agreement: peer.agreement ?? '', everyMinutes: peer.everyMinutes, pageSize: peer.pageSize,
});

function Settings({ peer, may }: { readonly peer: PeerShown; readonly may: boolean }) {
  const words = useWords();
  const { t } = words;
  const go = useGo();
  const [typed, setTyped] = useState<Typed | null>(null);
  const change = useAct(peersApi['peers.change']);
  const end = useAct(peersApi['peers.end']);
  const settings = typed === null ? null : settingsOf(typed);
  if (typed !== null) {
    return (
      <Section title={t('peers.settings')}>
        <Form
          act={t('peers.save')} busy={change.isPending} error={change.error} why={settings ? null : t('peers.add-why')}
          onAct={() => settings && change.mutate({ peer: peer.id, ...settings }, { onSuccess: () => setTyped(null) })}
          aside={<Button variant="subtle" onClick={() => setTyped(null)}>{t('ui.close')}</Button>}
        >
          <PlaceFields typed={typed} kept change={(patch) => setTyped({ ...typed, ...patch })} />
          <TermFields typed={typed} change={(patch) => setTyped({ ...typed, ...patch })} />
        </Form>
      </Section>
    );
  }
  return (
    <Section
      title={t('peers.settings')}
      aside={may ? (
        <Group gap="xs">
          <Button variant="default" size="compact-sm" onClick={() => setTyped(typedOf(peer))}>{t('peers.change')}</Button>
          <Button variant="subtle" color="red" size="compact-sm" loading={end.isPending} onClick={() =>
            end.mutate({ peer: peer.id }, { onSuccess: () => go('/peers') })}>
            {t('peers.end')}
          </Button>
        </Group>
      ) : null}
    >
      {end.error ? <ProblemNote error={end.error} /> : null}
      <Particulars
        items={[
          [t('peers.url'), <span className="e-mono" style={{ overflowWrap: 'anywhere' }}>{peer.url}</span>],
          [t('peers.scheme'), <>{t(`peers.scheme-${peer.auth.scheme}`)}{peer.lastFour ? ` · ${t('peers.ends', { lastFour: peer.lastFour })}` : ''}</>],
          [t('peers.unmarked'), <TlpLabel label={peer.unmarked} />],
          [t('peers.agreement'), peer.agreement === null ? t('peers.no-agreement')
            : <Link to={`/agreements/${peer.agreement}`}>{peer.agreementTitle ?? peer.agreement}</Link>],
          [t('peers.every'), everyWords(words, peer.everyMinutes)],
          [t('peers.added'), <Time at={peer.createdAt} />],
        ]}
      />
    </Section>
  );
}
