/**
 * Confidential lists that are matched and not read. Keys are made here, in the browser, with the list's secret: the values themselves are
 * never sent.
 */
import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { readValue } from '#kit/match/value';
import { agreementsApi } from '../../agreements/api.ts';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { blindListsApi } from '../api/blindlists.ts';
import type { BlindList } from '../model/blindlists.ts';
import { choicesOf } from './partners.ts';

export function BlindLists() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(blindListsApi['blindlists.list'], {}, { keep: true });
  return (
    <Page title={t('nav.blind-lists')} description={t('blind.text')} above={<Link to="/look-up">{t('nav.look-up')}</Link>}>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ own, others }) => (
          <>
            <Section title={t('blind.own')}><Lists rows={own} own /></Section>
            {own.filter((l) => l.closedAt === null).map((l) => <Change key={l.id} of={l} />)}
            <Section title={t('blind.others')} note={t('blind.others-how')}><Lists rows={others} /></Section>
            {reader.may('collection.open') ? <Open /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Lists({ rows, own }: { readonly rows: readonly BlindList[]; readonly own?: boolean }) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={t(own ? 'blind.own' : 'blind.others')} rows={rows} rowKey={(l) => l.id}
      empty={<EmptyState title={t(own ? 'blind.none' : 'blind.none-others')} how={t(own ? 'blind.none-how' : 'blind.none-others-how')} />}
      columns={[
        { key: 'title', head: t('collections.title'), wrap: true, cell: (l) => l.title, sort: (l) => l.title },
        { key: 'with', head: t(own ? 'collections.with' : 'collections.from'), wrap: true, cell: (l) => (own ? l.partnerName : l.ownerName) },
        {
          key: 'state', head: t('threats.state'),
          cell: (l) => (l.closedAt ? <Mark is="none">{t('collections.closed')}</Mark> : <Mark is="good">{t('blind.open')}</Mark>),
        },
        ...own ? [
          { key: 'keys', head: t('blind.keys'), right: true, cell: (l: BlindList) => number(l.keys ?? 0) },
          { key: 'found', head: t('blind.found'), right: true, cell: (l: BlindList) => number(l.found ?? 0) },
          { key: 'last', head: t('blind.last'), spare: true, cell: (l: BlindList) => (l.lastAt ? <Time at={l.lastAt} /> : '') },
        ] : [],
      ]}
    />
  );
}

/** Keys of values under a secret; values that are none of a kind that is looked up are told. */
async function keysOf(secret: string, text: string): Promise<{ keys: string[]; unread: string[] }> {
  const bytes = Uint8Array.from(secret.match(/../g) ?? [], (b) => Number.parseInt(b, 16));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const [keys, unread] = [new Set<string>(), [] as string[]];
  for (const typed of text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== '')) {
    const value = readValue(typed);
    if (value === null) unread.push(typed);
    else {
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${value.kind}\0${value.value}`)));
      keys.add([...mac.subarray(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join(''));
    }
  }
  return { keys: [...keys], unread };
}

function Change({ of }: { readonly of: BlindList }) {
  const { t, number } = useWords();
  const reader = useReader();
  const change = useAct(blindListsApi['blindlists.change']);
  const secret = useAct(blindListsApi['blindlists.secret']);
  const close = useAct(blindListsApi['blindlists.close']);
  const [text, setText] = useState('');
  const [unread, setUnread] = useState<readonly string[]>([]);
  const [sure, setSure] = useState(false);
  const send = async (act: 'add' | 'remove') => {
    const given = await secret.mutateAsync({ blindlist: of.id });
    const made = await keysOf(given.secret, text);
    setUnread(made.unread);
    for (let at = 0; at < made.keys.length; at += 10_000) await change.mutateAsync({ blindlist: of.id, [act]: made.keys.slice(at, at + 10_000) });
    setText(made.unread.join('\n'));
  };
  if (!reader.may('threat.import') || !reader.may('collection.open')) return null;
  const failed = change.error ?? secret.error;
  return (
    <Section title={of.title} note={of.contact}>
      <Form
        act={t('blind.add')} busy={change.isPending || secret.isPending} error={failed} why={text.trim() === '' ? t('look-up.missing') : null}
        onAct={() => void send('add').catch(() => undefined)}
        aside={<Button variant="default" disabled={text.trim() === ''} onClick={() => void send('remove').catch(() => undefined)}>{t('blind.remove')}</Button>}
      >
        <Textarea
          label={t('blind.values')} description={t('blind.values-how')} value={text} autosize minRows={3} maxRows={12} spellCheck={false}
          onChange={(e) => setText(e.currentTarget.value)} />
        {unread.length > 0 ? <Mark is="warn">{t('blind.unread', { count: number(unread.length) })}</Mark> : null}
        {change.data ? (
          <p aria-live="polite" className="e-small">
            {t('blind.changed', { added: number(change.data.added), removed: number(change.data.removed) })}
          </p>
        ) : null}
      </Form>
      {reader.may('collection.close') ? (
        <p style={{ margin: '12px 0 0' }}>
          <Button
            size="compact-sm" variant={sure ? 'filled' : 'default'} {...sure ? { color: 'red' } : {}} loading={close.isPending}
            onClick={() => (sure ? close.mutate({ blindlist: of.id, reason: t('blind.close-reason') }) : setSure(true))}
          >
            {t(sure ? 'blind.close-sure' : 'blind.close')}
          </Button>
        </p>
      ) : null}
      {close.error ? <ProblemNote error={close.error} /> : null}
    </Section>
  );
}

function Open() {
  const { t } = useWords();
  const own = useReader().organisation;
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const open = useAct(blindListsApi['blindlists.open']);
  const [typed, setTyped] = useState({ agreement: '', title: '', contact: '' });
  const active = (agreements.data?.agreements ?? []).filter((a) => a.status === 'active');
  if (active.length === 0) return null;
  const agreement = typed.agreement || active[0]?.id || '';
  return (
    <Section title={t('blind.open-title')}>
      <Form
        act={t('blind.open-act')} busy={open.isPending} error={open.error} why={typed.title.trim() && typed.contact.trim() ? null : t('blind.missing')}
        onAct={() => open.mutate({ agreement, title: typed.title.trim(), contact: typed.contact.trim() }, {
          onSuccess: () => setTyped({ agreement: '', title: '', contact: '' }),
        })}
      >
        <NativeSelect
          label={t('open-collection.agreement')} value={agreement} onChange={(e) => setTyped({ ...typed, agreement: e.currentTarget.value })}
          data={choicesOf(active, own)}
        />
        <TextInput
          label={t('collections.title')} description={t('blind.title-how')} value={typed.title} maxLength={120} required
          onChange={(e) => setTyped({ ...typed, title: e.currentTarget.value })} />
        <TextInput
          label={t('blind.contact')} description={t('blind.contact-how')} value={typed.contact} maxLength={300} required
          onChange={(e) => setTyped({ ...typed, contact: e.currentTarget.value })} />
      </Form>
      {open.data ? (
        <div aria-live="polite" style={{ marginTop: 16 }}>
          <p style={{ margin: '0 0 8px' }}>{t('blind.secret-how')}</p>
          <Code label={t('blind.secret')} text={open.data.secret} />
        </div>
      ) : null}
    </Section>
  );
}
