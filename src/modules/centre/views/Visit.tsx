/** One visit: what was asked and agreed, who comes with what, how much was read, notes, findings, and what ends it. */
import { Button, Group, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { severities } from '#kit/review/statement';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import { Excerpts } from './Excerpts.tsx';
import { FlowChecks } from './FlowChecks.tsx';
import { Guarding } from './Guarding.tsx';
import { Notes } from './Notes.tsx';
import { ReadTrail } from './ReadTrail.tsx';
import { visitMarks } from './Visits.tsx';

type Shown = OutputOf<(typeof centreApi)['visits.view']>;

export function Visit() {
  const { t } = useWords();
  const asked = useAsk(centreApi['visits.view'], { visit: usePathParameter('visit') });
  const title = asked.data ? `${asked.data.visit.productName} ${asked.data.visit.version}` : t('nav.visits');
  return (
    <Page title={title} above={<Link to="/visits">{t('nav.visits')}</Link>} act={asked.data ? <Begin of={asked.data} /> : undefined}>
      <Answer of={asked} skeleton={<Block height={400} />}>
        {(shown) => (
          <>
            <About of={shown} />
            <Items of={shown} />
            <Notes visit={shown.visit.id} mine={shown.mine} />
            {shown.visit.state === 'agreed' || shown.visit.state === 'closed'
              ? <Excerpts visit={shown.visit.id} mine={shown.mine} open={shown.visit.state === 'agreed'} /> : null}
            {shown.visit.state === 'agreed' || shown.visit.state === 'closed' ? <ReadTrail visit={shown.visit.id} mine={shown.mine} /> : null}
            <Guarding visit={shown.visit.id} mine={shown.mine} state={shown.visit.state} />
            {shown.mine && (shown.visit.state === 'agreed' || shown.visit.state === 'closed')
              ? <><FlowChecks visit={shown.visit.id} /><FileFlaw visit={shown.visit.id} /><MakeStatement visit={shown.visit.id} /></>
              : null}
            {shown.visit.state === 'agreed' ? <Close visit={shown.visit.id} /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Begin({ of: { visit, mine } }: { readonly of: Shown }) {
  const { t } = useWords();
  const reader = useReader();
  const go = useGo();
  const begin = useAct(centreApi['reviews.begin']);
  if (!mine || visit.state !== 'agreed' || !reader.may('source.view')) return null;
  return (
    <>
      <Button loading={begin.isPending} onClick={() => begin.mutate({ visit: visit.id }, { onSuccess: ({ review }) =>
        go(`/reviews/${review.id}`) })}>{t('centre.begin')}</Button>
      {begin.error ? <ProblemNote error={begin.error} /> : null}
    </>
  );
}

function About({ of: { visit, totals, mine } }: { readonly of: Shown }) {
  const { t, number, day, percent } = useWords();
  // Shares are ten-thousandths.
  const share = (n: number): string => percent(n / 100, 2);
  return (
    <Section aside={<Mark is={visitMarks[visit.state]}>{t(`centre.visit.${visit.state}`)}</Mark>}>
      <Particulars
        items={[
          [t('centre.by'), visit.orgName], [t('centre.of'), visit.ownerName], [t('centre.level'), t(`centre.level.${visit.level}`)],
          [t('centre.mode'), t(`centre.mode.${visit.mode}`)], [t('centre.days'), `${day(visit.from)} – ${day(visit.to)}`], [t('centre.goals'), visit.goals],
          [t('centre.questions'), visit.questions.join(' · ') || '–'],
          [t('centre.allowance'), t('centre.allowance-text', { perDay: share(visit.shares.perDay), inAll: share(visit.shares.inAll) })],
          [t('centre.read'), t('centre.read-text', { views: number(totals.views), blocks: number(totals.blocks), of: number(totals.ofBlocks),
            notes: number(totals.notes), flaws: number(totals.flaws) })],
          [t('centre.rooms'), visit.rooms.map((r) => `${r.name}, ${day(r.day)}`).join(' · ') || '–'],
        ]}
      />
      {visit.flags.map((flag) => <p key={flag}><Mark is="warn">{t(`centre.flag.${flag}`)}</Mark></p>)}
      {mine ? null : <p>{visit.trailOpensAt === null ? t('centre.trail-later',
        { days: number(visit.trailOpensAfter) }) : <>{t('centre.trail-at')} <Time at={visit.trailOpensAt} /></>}</p>}
      {mine || visit.state !== 'asked' ? null : <Decide visit={visit.id} />}
      {!mine && visit.state === 'agreed' && visit.mode === 'on-site' && visit.rooms.length === 0 ? <Book of={visit} /> : null}
    </Section>
  );
}

function Decide({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const reader = useReader();
  const [reason, setReason] = useState('');
  const decide = useAct(centreApi['visits.decide']);
  if (!reader.may('visit.decide')) return null;
  return (
    <Form
      act={t('centre.agree')} busy={decide.isPending} error={decide.error} onAct={() => decide.mutate({ visit, agree: true, reason: reason.trim() })}
      aside={<Button variant="default" disabled={reason.trim() === ''} onClick={() => decide.mutate({ visit, agree: false,
        reason: reason.trim() })}>{t('centre.refuse')}</Button>}
    >
      <TextInput label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
    </Form>
  );
}

function Book({ of }: { readonly of: Shown['visit'] }) {
  const { t } = useWords();
  const reader = useReader();
  const rooms = useAsk(centreApi['rooms.list'], {});
  const [chosen, setChosen] = useState('');
  const book = useAct(centreApi['rooms.book']);
  const own = rooms.data?.items.filter((r) => r.owner === reader.organisation) ?? [];
  const room = chosen === '' ? own[0]?.id ?? '' : chosen;
  if (!reader.may('room.change')) return null;
  return (
    <Form
      act={t('centre.book')} busy={book.isPending} error={book.error} why={room === '' ? t('centre.no-room') : null}
      onAct={() => book.mutate({ room, visit: of.id, from: of.from, to: of.to })}
    >
      <NativeSelect
        label={t('centre.room')} value={room} onChange={(e) => setChosen(e.currentTarget.value)}
        data={own.map((r) => ({ value: r.id, label: `${r.name}, ${r.place}` }))}
      />
    </Form>
  );
}

const itemMarks = { asked: 'warn', approved: 'good', refused: 'danger', surrendered: 'warn', returned: 'good' } as const;
const steps = { asked: ['approved', 'refused'], approved: ['refused'], refused: ['approved'], surrendered: ['returned'], returned: ['surrendered'] } as const;

function Items({ of: { visit, items, mine } }: { readonly of: Shown }) {
  const { t } = useWords();
  const reader = useReader();
  const vet = useAct(centreApi['visits.vet']);
  const acts = !mine && reader.may('visit.decide') && (visit.state === 'asked' || visit.state === 'agreed');
  const next = (i: Shown['items'][number]) => (i.kind === 'device' && i.state === 'approved' ? ['surrendered', 'refused'] as const : steps[i.state]);
  return (
    <Section title={t('centre.items')} note={t('centre.items-text')}>
      {vet.error ? <ProblemNote error={vet.error} /> : null}
      <RowTable
        label={t('centre.items')} rows={items} rowKey={(i) => i.id}
        columns={[
          { key: 'kind', head: t('centre.kind'), cell: (i) => t(`centre.kind.${i.kind}`), sort: (i) => i.kind },
          { key: 'name', head: t('centre.name'), wrap: true, cell: (i) => i.name, sort: (i) => i.name },
          { key: 'ref', head: t('centre.ref'), spare: true, cell: (i) => (i.ref.length > 20 ? `${i.ref.slice(0, 10)}…${i.ref.slice(-6)}` : i.ref),
            sort: (i) => i.ref },
          { key: 'state', head: t('centre.state'), cell: (i) => <Mark is={itemMarks[i.state]}>{t(`centre.item.${i.state}`)}</Mark>, sort: (i) => i.state },
          ...(acts ? [{
            key: 'act', head: t('controls.decision'), cell: (i: Shown['items'][number]) => (
              <Group gap={4}>
                {next(i).map((state) => (
                  <Button
                    key={state} size="compact-xs" variant="default" loading={vet.isPending}
                    onClick={() => vet.mutate({ visit: visit.id, item: i.id, state, reason: state === 'refused' ? t('centre.refused-here') : '' })}
                  >
                    {t(`centre.act.${state}`)}
                  </Button>
                ))}
              </Group>
            ),
          }] : []),
        ]}
      />
    </Section>
  );
}

function FileFlaw({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const reader = useReader();
  const go = useGo();
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [path, setPath] = useState('');
  const [severity, setSeverity] = useState<(typeof severities)[number]>('high');
  const file = useAct(centreApi['flaws.file']);
  if (!reader.may('flaw.file')) return null;
  return (
    <Section title={t('centre.flaw-file')} note={t('centre.flaw-how')}>
      <Form
        act={t('centre.flaw-commit')} busy={file.isPending} error={file.error} why={title.trim() === ''
          || text.trim() === '' ? t('centre.flaw-missing') : null}
        onAct={() => file.mutate({ visit, severity, title: title.trim(), text: text.trim(), path: path.trim(), line: 0 }, { onSuccess: () =>
          go('/flaws') })}
      >
        <TextInput label={t('centre.flaw-title')} value={title} maxLength={200} onChange={(e) => setTitle(e.currentTarget.value)} />
        <Textarea label={t('centre.flaw-text')} value={text} autosize minRows={3} onChange={(e) => setText(e.currentTarget.value)} />
        <NativeSelect
          label={t('centre.severity')} value={severity} data={severities.map((s) => ({ value: s, label: t(`centre.severity.${s}`) }))}
          onChange={(e) => setSeverity(severities.find((s) => s === e.currentTarget.value) ?? 'high')}
        />
        <TextInput label={t('centre.path')} value={path} onChange={(e) => setPath(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}

function MakeStatement({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const reader = useReader();
  const go = useGo();
  const [scope, setScope] = useState('');
  const make = useAct(centreApi['statements.make']);
  if (!reader.may('statement.make')) return null;
  return (
    <Section title={t('centre.statement')} note={t('centre.statement-how')}>
      <Form
        act={t('centre.statement-make')} busy={make.isPending} error={make.error} why={scope.trim() === '' ? t('centre.scope-missing') : null}
        onAct={() => make.mutate({ visit, scope: [scope.trim()] }, { onSuccess: () => go('/statements') })}
      >
        <TextInput label={t('centre.scope')} value={scope} maxLength={300} onChange={(e) => setScope(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}

function Close({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const reader = useReader();
  const [copies, setCopies] = useState('');
  const close = useAct(centreApi['visits.close']);
  if (!reader.may('visit.close')) return null;
  const listed = copies.split('\n').map((c) => c.trim()).filter((c) => c !== '');
  return (
    <Section title={t('centre.close')} note={t('centre.close-how')}>
      <Form act={t('centre.close')} busy={close.isPending} error={close.error} onAct={() => close.mutate({ visit, copies: listed.map((what) => ({ what,
        destroyed: true })) })}>
        <Textarea label={t('centre.copies')} description={t('centre.copies-how')} value={copies} autosize minRows={2} onChange={(e) =>
          setCopies(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
