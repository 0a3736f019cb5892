/** The queue: what waits to be told, gravest first. One chooses, looks at exactly what would leave, and lets it go. */
import { Button, Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { graveness } from './Findings.tsx';

type Queue = OutputOf<typeof constituentsApi.notices>;
type One = Queue['notices'][number];

export function Notices() {
  const { t } = useWords();
  const asked = useAsk(constituentsApi.notices, {});
  return (
    <Page title={t('nav.notices')} description={t('notices.text')}>
      <Answer of={asked}>{(queue) => <Body {...queue} />}</Answer>
      <Sent />
    </Page>
  );
}

function Body({ notices, counts }: Queue) {
  const { t, number } = useWords();
  const waiting = notices.filter((n) => n.state === 'waiting');
  const open = notices.filter((n) => n.state === 'released' && n.open > 0);
  return (
    <>
      <Figures>
        <Figure label={t('notices.waiting')} value={number(counts.waiting)} definition={{ text: t('notices.waiting-how') }} to="/notices" />
        <Figure label={t('notices.open')} value={number(open.length)} definition={{ text: t('notices.open-how') }} to="/notices" />
        <Figure
          label={t('notices.climbed')} value={number(open.filter((n) => n.rung > 0).length)} definition={{ text: t('notices.climbed-how') }}
          to="/notices"
        />
      </Figures>
      <Waiting of={waiting} />
      <Section title={t('notices.released')} note={t('notices.released-note')}>
        <Table of={notices.filter((n) => n.state !== 'waiting')} label={t('notices.released')} empty={t('notices.none-released')} />
      </Section>
    </>
  );
}

function Waiting({ of }: { readonly of: readonly One[] }) {
  const { t } = useWords();
  const reader = useReader();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const preview = useAct(constituentsApi.previewNotices);
  const may = reader.may('notice.release');
  const ids = chosen.filter((id) => of.some((n) => n.id === id));
  const choose = (id: string) => {
    setChosen(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id]);
    preview.reset();
  };
  return (
    <Section
      title={t('notices.queue')} note={t('notices.queue-note')}
      aside={may ? (
        <>
          <Button variant="default" size="xs" onClick={() => setChosen(of.map((n) => n.id))}>{t('notices.all')}</Button>{' '}
          <Button size="xs" disabled={ids.length === 0} loading={preview.isPending} onClick={() => preview.mutate({ notices: [...ids] })}>
            {t('notices.preview', { count: ids.length })}
          </Button>
        </>
      ) : null}
    >
      <Table
        of={of} label={t('notices.queue')} empty={t('notices.none-waiting')} waiting
        {...(may ? { box: (n: One) => (
          <Checkbox aria-label={t('notices.choose', { name: n.constituentName })} checked={ids.includes(n.id)} onChange={() => choose(n.id)} />
        ) } : {})}
      />
      {preview.error ? <ProblemNote error={preview.error} /> : null}
      {preview.data ? <Preview of={preview.data} notices={ids} onDone={() => { setChosen([]); preview.reset(); }} /> : null}
    </Section>
  );
}

interface TableProps {
  readonly of: readonly One[];
  readonly label: string;
  readonly empty: string;
  readonly waiting?: boolean;
  readonly box?: (n: One) => ReactNode;
}

function Table({ of, label, empty, waiting, box }: TableProps) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={label} rows={of} rowKey={(n) => n.id} tall={560}
      empty={<EmptyState title={empty} {...(waiting ? { how: t('notices.none-waiting-how') } : {})} />}
      columns={[
        ...(box ? [{ key: 'box', head: t('notices.chosen'), cell: box }] : []),
        {
          key: 'who', head: t('constituent.constituent'), sort: (n: One) => n.constituentName,
          cell: (n: One) => <Link to={`/notices/${n.id}`}>{n.constituentName}</Link>,
        },
        { key: 'what', head: t('notices.what'), cell: (n: One) => `${t(`kind.${n.kind}`)} ${n.family || n.type}`, sort: (n: One) => n.family },
        { key: 'severity', head: t('exposure.severity'), cell: (n: One) => <Mark is={graveness[n.severity]}>{t(`severity.${n.severity}`)}</Mark> },
        { key: 'assets', head: t('exposure.assets'), right: true, cell: (n: One) => number(n.assets), sort: (n: One) => n.assets },
        { key: 'open', head: t('notices.open'), right: true, cell: (n: One) => number(n.open), sort: (n: One) => n.open },
        { key: 'last', head: t('exposure.last'), spare: true, cell: (n: One) => <Time at={n.last} />, sort: (n: One) => n.last },
        // What waits is told to nobody yet.
        ...(waiting ? [] : [
          { key: 'state', head: t('asset.state'), spare: true, cell: (n: One) => <Tag>{t(`notice-state.${n.state}`)}</Tag>, sort: (n: One) => n.state },
          { key: 'rung', head: t('notices.rung'), spare: true, cell: (n: One) => t(`rung.${n.rung}`), sort: (n: One) => n.rung },
        ]),
      ]}
    />
  );
}

type Planned = OutputOf<typeof constituentsApi.previewNotices>;

/** What leaves, letter by letter. The act names the digest of what is shown. */
function Preview({ of, notices, onDone }: { readonly of: Planned; readonly notices: readonly string[]; readonly onDone: () => void }) {
  const { t, number } = useWords();
  const release = useAct(constituentsApi.releaseNotices);
  const act = () => release.mutate({ notices: [...notices], digest: of.digest }, {
    onSuccess: (done) => {
      notifications.show({ message: t('notices.done', { count: done.messages }) });
      onDone();
    },
  });
  return (
    <div style={{ display: 'grid', gap: 16, marginTop: 16 }}>
      {of.messages.map((m) => (
        <article key={`${m.contact} ${m.notices.join()}`}>
          <h3 className="e-small">
            {m.constituentName} · {t(`channel.${m.channel}`)} · <span className="e-mono">{m.to}</span> · <Time at={m.dueAt} />
          </h3>
          <p className="e-small e-faint">{t(`detail.${m.detail}`)}{m.encrypted ? ` ${t('notices.encrypted')}` : ''}</p>
          <Code label={m.subject} text={m.text} />
        </article>
      ))}
      {of.held.map((h) => (
        <p key={h.notice} className="e-small">
          <Mark is="wait">{h.constituentName}</Mark> {t(`held.${h.why}`)} {h.reason ?? ''}
        </p>
      ))}
      {of.hands === 2 ? <p className="e-small"><Mark is="info">{t('notices.two-hands')}</Mark></p> : null}
      {release.error ? <ProblemNote error={release.error} /> : null}
      <div><Button onClick={act} loading={release.isPending}>{t('notices.release', { messages: number(of.messages.length) })}</Button></div>
    </div>
  );
}

const meaning = { waiting: 'wait', sending: 'wait', unsure: 'warn', sent: 'good', failed: 'danger', bounced: 'danger' } as const;

function Sent() {
  const { t } = useWords();
  const asked = useAsk(constituentsApi.messages, {});
  return (
    <Section title={t('messages.title')} note={t('messages.note')}>
      <Answer of={asked}>
        {({ messages }) => (
          <RowTable
            label={t('messages.title')} rows={messages} rowKey={(m) => m.id} empty={<EmptyState title={t('messages.none')} />}
            columns={[
              { key: 'who', head: t('constituent.constituent'), cell: (m) => m.constituentName, sort: (m) => m.constituentName },
              { key: 'to', head: t('messages.to'), cell: (m) => <span className="e-mono">{m.to}</span>, sort: (m) => m.to },
              { key: 'state', head: t('asset.state'), cell: (m) => <Mark is={meaning[m.state]}>{t(`message-state.${m.state}`)}</Mark>, sort: (m) => m.state },
              { key: 'due', head: t('messages.due'), spare: true, cell: (m) => <Time at={m.sentAt ?? m.dueAt} />, sort: (m) => m.dueAt },
              { key: 'purpose', head: t('messages.purpose'), spare: true, cell: (m) => t(`message-purpose.${m.purpose}`), sort: (m) => m.purpose },
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}
