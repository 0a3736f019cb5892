/** Where a feed's files come from: its sources with their last run, and the keys of providers that send signed files themselves. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import type { Run, Source, SourceSettings } from '../collect/model.ts';

/** The place in a line, as a person would say it. */
export function placeText(settings: SourceSettings): string {
  switch (settings.kind) {
    case 'http': case 'misp': return settings.url;
    case 'folder': return settings.folder;
    case 'imap': return `${settings.user} · ${settings.host} · ${settings.mailbox}`;
    case 's3': return `${settings.bucket}/${settings.prefix}`;
    case 'shadowserver': return [...settings.lists, ...settings.types].join(', ') || settings.api;
  }
}

export function everyText({ t }: Words, minutes: number): string {
  if (minutes % 1440 === 0) return t('feed.days', { count: minutes / 1440 });
  return minutes % 60 === 0 ? t('feed.hours', { count: minutes / 60 }) : t('source.minutes', { count: minutes });
}

const meanings: Readonly<Record<Run['state'], Meaning>> = { running: 'wait', done: 'good', failed: 'danger', refused: 'danger' };

export function RunMark({ run }: { readonly run: Run }) {
  const { t } = useWords();
  const is = run.state === 'done' && run.passedOver > 0 ? 'warn' : meanings[run.state];
  return <Mark is={is}>{t(`run-state.${run.state}`)}</Mark>;
}

/** Why a run ended, in the reader's language where its code is known, with the place. */
export function RunErrorText({ error }: { readonly error: NonNullable<Run['error']> }) {
  const { t, has } = useWords();
  const known = has(`refusal.${error.code}`);
  return <span>{known ? t(`refusal.${error.code}`) : error.sentence}{known && error.at ? <> <span className="e-faint">{error.at}</span></> : null}</span>;
}

export function FetchNow({ feed, source, what }: { readonly feed: string; readonly source: string; readonly what: string }) {
  const { t } = useWords();
  const run = useAct(landscapeApi.runFeedSource);
  return (
    <>
      <Button
        variant="default" size="compact-sm" loading={run.isPending} aria-label={t('source.fetch-of', { name: what })}
        onClick={() => run.mutate({ feed, feedSource: source })}
      >
        {t('source.fetch')}
      </Button>
      {run.error ? <ProblemNote error={run.error} /> : null}
    </>
  );
}

export function FeedSources({ feed }: { readonly feed: string }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const asked = useAsk(landscapeApi.feedSources, { feed }, { keep: true, every: 10_000 });
  const add = reader.may('feed-source.change') ? <ButtonLink to={`/feeds/${feed}/sources/new`}>{t('sources.add')}</ButtonLink> : null;
  const to = (source: Source): string => `/feeds/${feed}/sources/${source.id}`;
  return (
    <Section title={t('sources.title')} note={t('sources.note')} aside={asked.data && asked.data.items.length > 0 ? add : null}>
      <Answer of={asked} skeleton={<TableSkeleton rows={2} />}>
        {({ items }) => (
          <RowTable
            label={t('sources.title')} rows={items} rowKey={(s) =>
              s.id} to={to} empty={<EmptyState title={t('sources.empty')} how={t('sources.empty-how')} act={add} />}
            columns={[
              { key: 'name', head: t('source.name'), cell: (s) => <Link to={to(s)}>{s.name}</Link>, sort: (s) => s.name },
              { key: 'kind', head: t('source.kind'), cell: (s) => t(`source-kind.${s.settings.kind}`), spare: true },
              { key: 'place', head: t('source.place'), wrap: true, spare: true, cell: (s) => <span className="e-mono">{placeText(s.settings)}</span> },
              { key: 'last', head: t('source.last'), cell: (s) => <LastRun of={s} /> },
              { key: 'next', head: t('source.next'), spare: true, cell: (s) =>
                (s.nextAt ? <Time at={s.nextAt} /> : <span className="e-faint">{t('source.off')}</span>) },
              ...reader.may('feed-source.run') ? [{
                key: 'act', head: t('asset.act'), cell: (s: Source) => <FetchNow feed={feed} source={s.id} what={s.name} />,
              }] : [],
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}

function LastRun({ of }: { readonly of: Source }) {
  const { t } = useWords();
  if (of.lastRun === null) return <span className="e-faint">{t('source.not-yet')}</span>;
  return <><RunMark run={of.lastRun} /> <Time at={of.lastRun.endedAt ?? of.lastRun.startedAt} /></>;
}

type Keys = OutputOf<typeof landscapeApi.pushKeys>['items'];

export function PushKeys({ feed }: { readonly feed: string }) {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(landscapeApi.pushKeys, { feed });
  const [adding, setAdding] = useState(false);
  const may = reader.may('push-key.change');
  return (
    <Section
      title={t('push.title')} note={t('push.note')}
      aside={may && !adding ? <Button variant="default" size="compact-sm" onClick={() => setAdding(true)}>{t('push.add')}</Button> : null}
    >
      {adding ? <AddKey feed={feed} done={() => setAdding(false)} /> : null}
      <Answer of={asked}>{({ items }) => <KeyTable feed={feed} keys={items} may={may} />}</Answer>
    </Section>
  );
}

function KeyTable({ feed, keys, may }: { readonly feed: string; readonly keys: Keys; readonly may: boolean }) {
  const { t } = useWords();
  const end = useAct(landscapeApi.endPushKey);
  return (
    <>
      {end.error ? <ProblemNote error={end.error} /> : null}
      <RowTable
        label={t('push.title')} rows={keys} rowKey={(key) => key.id} empty={<EmptyState title={t('push.empty')} how={t('push.empty-how')} />}
        columns={[
          { key: 'keyid', head: t('push.keyid'), cell: (key) => key.keyid, sort: (key) => key.keyid },
          { key: 'key', head: t('push.key'), spare: true, cell: (key) => <Hash value={key.publicKey} keep={12} /> },
          { key: 'from', head: t('push.from'), spare: true, cell: (key) => <Time at={key.from} /> },
          { key: 'until', head: t('push.until'), cell: (key) => (key.until ? <Time at={key.until} /> : t('push.no-end')) },
          { key: 'used', head: t('push.used'), cell: (key) =>
            (key.lastUsedAt ? <Time at={key.lastUsedAt} /> : <span className="e-faint">{t('push.never')}</span>) },
          ...may ? [{
            key: 'act', head: t('asset.act'), cell: (key: Keys[number]) => (
              <Button
                variant="subtle" size="compact-xs" color="red" loading={end.isPending} aria-label={t('push.end-of', { name: key.keyid })}
                onClick={() => end.mutate({ feed, pushKey: key.id })}
              >
                {t('push.end')}
              </Button>
            ),
          }] : [],
        ]}
      />
    </>
  );
}

function AddKey({ feed, done }: { readonly feed: string; readonly done: () => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState({ keyid: '', publicKey: '', until: '' });
  const add = useAct(landscapeApi.addPushKey);
  const act = () => add.mutate(
    { feed, keyid: typed.keyid, publicKey: typed.publicKey, ...typed.until ? { until: new Date(`${typed.until}T00:00:00Z`).toISOString() } : {} },
    { onSuccess: done },
  );
  return (
    <Form
      act={t('push.add')} onAct={act} busy={add.isPending} error={add.error} why={typed.keyid && typed.publicKey ? null : t('push.why')}
      aside={<Button variant="subtle" onClick={done}>{t('ui.close')}</Button>}
    >
      <TextInput label={t('push.keyid')} description={t('push.keyid-how')} value={typed.keyid} onChange={(e) =>
        setTyped({ ...typed, keyid: e.currentTarget.value })} />
      <Textarea
        label={t('push.key')} description={t('push.key-how')} autosize minRows={2} value={typed.publicKey}
        onChange={(e) => setTyped({ ...typed, publicKey: e.currentTarget.value })}
      />
      <TextInput type="date" label={t('push.until')} value={typed.until} onChange={(e) => setTyped({ ...typed, until: e.currentTarget.value })} />
    </Form>
  );
}
