/** Blind communities that one holds: who is in them, which no member sees; open one, admit, dismiss, close. */
import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { agreementsApi } from '../../agreements/api.ts';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { communitiesApi } from '../api/communities.ts';
import type { Community, CommunityMember } from '../model/communities.ts';
import { Ceiling } from '../model/exchange.ts';
import { choicesOf, otherOf } from './partners.ts';

export function Communities() {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(communitiesApi['communities.list'], {}, { keep: true });
  return (
    <Page title={t('nav.communities')} description={t('communities.text')} above={<Link to="/collections">{t('nav.collections')}</Link>}>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ items }) => (
          <>
            {items.length === 0 ? <Section><EmptyState title={t('communities.none')} how={t('communities.none-how')} /></Section> : null}
            {items.map((c) => (
              <Section key={c.id} title={c.title} note={c.closedAt ? t('collections.closed') : t('communities.objects', { count: number(c.objects) })}>
                {c.description ? <p className="e-faint" style={{ margin: '0 0 8px' }}>{c.description}</p> : null}
                <p style={{ margin: '0 0 12px' }}><TlpLabel label={c.ceiling} /></p>
                <Members of={c} />
                {c.closedAt === null && reader.may('collection.open') ? <Admit of={c} /> : null}
              </Section>
            ))}
            {reader.may('collection.open') ? <Open /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Members({ of }: { readonly of: Community }) {
  const { t, number } = useWords();
  const reader = useReader();
  const dismiss = useAct(communitiesApi['communities.dismiss']);
  const close = useAct(communitiesApi['communities.close']);
  const [sure, setSure] = useState<string | null>(null);
  const columns: Column<CommunityMember>[] = [
    { key: 'member', head: t('communities.member'), wrap: true, cell: (m) => m.partnerName, sort: (m) => m.partnerName },
    {
      key: 'state', head: t('threats.state'),
      cell: (m) => (m.dismissedAt ? <Mark is="none">{t('communities.dismissed')}</Mark>
        : <Mark is={m.reads && m.adds ? 'good' : 'warn'}>{t(stateWord(m))}</Mark>),
    },
    { key: 'added', head: t('communities.added'), right: true, cell: (m) => number(m.added), sort: (m) => m.added },
    { key: 'since', head: t('communities.since'), spare: true, cell: (m) => <Time at={m.since} />, sort: (m) => m.since },
    ...reader.may('collection.close') && of.closedAt === null ? [{
      key: 'dismiss', head: t('collections.act'), cell: (m: CommunityMember) => (m.dismissedAt ? null : (
        <Button
          size="compact-xs" variant={sure === m.collection ? 'filled' : 'default'} {...sure === m.collection ? { color: 'red' } : {}}
          loading={dismiss.isPending && sure === m.collection}
          onClick={() => (sure === m.collection ? dismiss.mutate({ community: of.id, collection: m.collection, reason: t('communities.dismiss-reason') })
            : setSure(m.collection))}
        >
          {t(sure === m.collection ? 'communities.dismiss-sure' : 'communities.dismiss')}
        </Button>
      )),
    }] : [],
  ];
  return (
    <>
      {dismiss.error ?? close.error ? <ProblemNote error={(dismiss.error ?? close.error) as Error} /> : null}
      <RowTable
        label={of.title} rows={of.members} rowKey={(m) => m.collection} columns={columns}
        empty={<EmptyState title={t('communities.no-member')} how={t('communities.no-member-how')} />}
      />
      {reader.may('collection.close') && of.closedAt === null ? (
        <p style={{ margin: '12px 0' }}>
          <Button
            size="compact-sm" variant={sure === of.id ? 'filled' : 'default'} {...sure === of.id ? { color: 'red' } : {}} loading={close.isPending}
            onClick={() => (sure === of.id ? close.mutate({ community: of.id, reason: t('communities.close-reason') }) : setSure(of.id))}
          >
            {t(sure === of.id ? 'communities.close-sure' : 'communities.close')}
          </Button>
        </p>
      ) : null}
    </>
  );
}

const stateWord = ({ reads, adds }: CommunityMember) => {
  if (adds) return 'collections.both-ways';
  return reads ? 'collections.reads' : 'communities.not-agreed';
};

function Admit({ of }: { readonly of: Community }) {
  const { t } = useWords();
  const own = useReader().organisation;
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const admit = useAct(communitiesApi['communities.admit']);
  const [chosen, setChosen] = useState('');
  const inside = new Set(of.members.filter((m) => m.dismissedAt === null).map((m) => m.partner));
  const free = (agreements.data?.agreements ?? []).filter((a) => a.status === 'active' && !inside.has(otherOf(a, own).id));
  if (free.length === 0) return null;
  const agreement = free.some((a) => a.id === chosen) ? chosen : free[0]?.id ?? '';
  return (
    <Form act={t('communities.admit')} busy={admit.isPending} error={admit.error} onAct={() => admit.mutate({ community: of.id, agreement })}>
      <NativeSelect
        label={t('open-collection.agreement')} value={agreement} onChange={(e) => setChosen(e.currentTarget.value)}
        data={choicesOf(free, own)}
      />
    </Form>
  );
}

const blank = { title: '', description: '', alias: '', ceiling: 'GREEN' as Ceiling };

function Open() {
  const { t } = useWords();
  const open = useAct(communitiesApi['communities.open']);
  const [typed, setTyped] = useState(blank);
  const why = typed.title.trim() === '' ? t('communities.missing') : null;
  return (
    <Section title={t('communities.open')}>
      <Form
        act={t('communities.open-act')} busy={open.isPending} error={open.error} why={why}
        onAct={() => open.mutate({
          title: typed.title.trim(), description: typed.description.trim(), alias: typed.alias.trim() || null, ceiling: typed.ceiling,
        }, { onSuccess: () => setTyped(blank) })}
      >
        <TextInput
          label={t('collections.title')} description={t('communities.title-how')} value={typed.title} maxLength={120} required
          onChange={(e) => setTyped({ ...typed, title: e.currentTarget.value })} />
        <Textarea
          label={t('communities.description')} description={t('communities.description-how')} value={typed.description} maxLength={500} autosize
          onChange={(e) => setTyped({ ...typed, description: e.currentTarget.value })} />
        <TextInput
          label={t('open-collection.alias')} description={t('open-collection.alias-how')} value={typed.alias} maxLength={60}
          onChange={(e) => setTyped({ ...typed, alias: e.currentTarget.value.toLowerCase() })} />
        <NativeSelect
          label={t('collections.ceiling')} description={t('open-collection.ceiling-how')} value={typed.ceiling}
          onChange={(e) => setTyped({ ...typed, ceiling: Ceiling.parse(e.currentTarget.value) })}
          data={Ceiling.options.map((l) => ({ value: l, label: `TLP:${l}` }))} />
      </Form>
    </Section>
  );
}
