/** One export: what it gives now, what was left out and why, every release with its bytes, what waits for a second person, and the way back. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import type { Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Trail } from '#ui/Trail';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { exportsApi } from '../api/exports.ts';
import type { Export, Release } from '../model/exports.ts';
import { ExportMark } from './Exports.tsx';
import { LeftOut } from './LeftOut.tsx';

type Whole = OutputOf<(typeof exportsApi)['exports.view']>;

export function ExportView() {
  const { t } = useWords();
  const id = usePathParameter('export');
  const asked = useAsk(exportsApi['exports.view'], { export: id, limit: 50 });
  return (
    <Page title={asked.data?.export.title ?? t('nav.exports')} above={<Link to="/exports">{t('nav.exports')}</Link>}>
      <Answer of={asked}>
        {(whole) => (
          <>
            <Head of={whole} />
            <Newest of={whole} />
            <Releases of={whole.export} />
            <Trail subject={id} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Head({ of: { export: e, items } }: { readonly of: Whole }) {
  const { t, number } = useWords();
  const reader = useReader();
  const release = useAct(exportsApi['exports.release']);
  const current = items.find((r) => r.number === e.current);
  const may = reader.may('export.make') && e.endedAt === null;
  const act = () => release.mutate({ export: e.id }, {
    onSuccess: ({ release: made }) => notifications.show({
      message: t(made.state === 'held' ? 'exports.was-held' : 'exports.released', { number: number(made.number) }),
    }),
  });
  return (
    <Section
      title={t('exports.current')} note={e.endedAt === null ? t('exports.address-note') : t('exports.over-note')}
      aside={may ? <><Button size="xs" loading={release.isPending} onClick={act}>{t('exports.release')}</Button> <End of={e} /></> : null}
    >
      {release.error ? <ProblemNote error={release.error} /> : null}
      <Particulars
        items={[
          [t('exports.state'), <ExportMark of={e} />], [t('exports.form'), t(`export-form.${e.form}`)],
          [t('exports.ceiling'), <TlpLabel label={e.ceiling} />],
          ...(current ? [
            [t('exports.number'), number(current.number)] as const, [t('exports.values'), number(current.count)] as const,
            [t('exports.expires'), <Time at={current.endsAt} />] as const,
          ] : []),
          [t('exports.hours'), number(e.hours)], [t('exports.most'), number(e.most)], [t('exports.swing'), number(e.swing)],
        ]}
      />
      <div style={{ marginTop: 12 }}>
        {e.endedAt === null ? <Code label={t('exports.address')} text={`${location.origin}/api/exports/${e.id}/current`} /> : <p>{e.endReason}</p>}
      </div>
    </Section>
  );
}

/** What the newest release left out; if it is held, why, and the act that takes two. */
function Newest({ of: { export: e, items } }: { readonly of: Whole }) {
  const { t, number } = useWords();
  const reader = useReader();
  const [newest] = items;
  if (!newest) return null;
  return (
    <>
      {newest.state === 'held' && e.endedAt === null ? (
        <Section title={t('exports.was-held', { number: number(newest.number) })} note={t('exports.give-note')}>
          {newest.held.map((h) => <p key={h} style={{ margin: '0 0 8px' }}><Mark is="warn">{t(`export-held.${h}`)}</Mark></p>)}
          {reader.may('export.make') ? <Give of={e} release={newest} /> : null}
        </Section>
      ) : null}
      <Section title={`${t('exports.left-out')}: ${t('exports.release-n', { number: number(newest.number) })}`} note={t('exports.left-out-note')}>
        <LeftOut of={newest.leftOut} />
      </Section>
    </>
  );
}

function Give({ of, release }: { readonly of: Export; readonly release: Release }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const give = useAct(exportsApi['exports.give']);
  return (
    <Form
      act={t('exports.give')} busy={give.isPending} error={give.error} why={reason.trim().length < 3 ? t('exports.why-needed') : null}
      onAct={() => give.mutate({ export: of.id, number: release.number, sha256: release.sha256, reason: reason.trim() })}
      aside={<FileLink of={of} release={release} />}
    >
      <TextInput label={t('field.reason')} value={reason} maxLength={300} onChange={(e) => setReason(e.currentTarget.value)} />
    </Form>
  );
}

const standing: Readonly<Record<Release['state'], Meaning>> = { held: 'wait', given: 'good', dropped: 'none' };

function FileLink({ of, release }: { readonly of: Export; readonly release: Release }): ReactNode {
  const { t } = useWords();
  return <a href={`/api/exports/${of.id}/releases/${release.number}/file`} download>{t('exports.open-file')}</a>;
}

function Releases({ of }: { readonly of: Export }) {
  const { t, number } = useWords();
  const reader = useReader();
  const [chosen, setChosen] = useState<Release | null>(null);
  const found = usePaged(exportsApi['exports.view'], { export: of.id }, (a) => a, 'before');
  const open = of.endedAt === null;
  const columns: Column<Release>[] = [
    { key: 'number', head: t('exports.number'), right: true, cell: (r) => number(r.number), sort: (r) => r.number },
    { key: 'state', head: t('exports.state'), cell: (r) => <Mark is={standing[r.state]}>{t(`release-state.${r.state}`)}</Mark>, sort: (r) => r.state },
    { key: 'act', head: t('exports.act'), cell: (r) => <Tag>{t(`release-act.${r.act}`)}</Tag>, sort: (r) => r.act },
    { key: 'count', head: t('exports.values'), right: true, cell: (r) => number(r.count), sort: (r) => r.count },
    { key: 'tlp', head: t('exports.ceiling'), spare: true, cell: (r) => <TlpLabel label={r.tlp} /> },
    { key: 'made', head: t('exports.made'), cell: (r) => <Time at={r.madeAt} />, sort: (r) => r.madeAt },
    { key: 'ends', head: t('exports.expires'), spare: true, cell: (r) => <Time at={r.endsAt} />, sort: (r) => r.endsAt },
    { key: 'sha256', head: 'SHA-256', spare: true, cell: (r) => <Hash value={r.sha256} /> },
    ...(open && reader.may('threat.read') ? [{ key: 'file', head: t('exports.file'), cell: (r: Release) => <FileLink of={of} release={r} /> }] : []),
    ...(open && reader.may('export.make') ? [{
      key: 'back', head: t('asset.act'), cell: (r: Release) => (r.number === of.current || r.state !== 'given' ? null : (
        <Button variant="subtle" size="compact-xs" onClick={() => setChosen(r)}>{t('exports.back')}</Button>
      )),
    }] : []),
  ];
  return (
    <Section title={t('exports.releases')} note={t('exports.releases-note')}>
      {chosen ? <Back of={of} release={chosen} onDone={() => setChosen(null)} /> : null}
      <PagedTable
        of={found} label={t('exports.releases')} rowKey={(r) => String(r.number)} columns={columns}
        empty={<EmptyState title={t('exports.releases-none')} how={t('exports.releases-none-how')} />}
      />
    </Section>
  );
}

function Back({ of, release, onDone }: { readonly of: Export; readonly release: Release; readonly onDone: () => void }) {
  const { t, number } = useWords();
  const [reason, setReason] = useState('');
  const roll = useAct(exportsApi['exports.rollBack']);
  return (
    <div style={{ display: 'grid', gap: 12, marginBottom: 20 }}>
      <h3 style={{ margin: 0 }}>{t('exports.back-to', { number: number(release.number) })}</h3>
      <p className="e-small" style={{ margin: 0 }}>{t('exports.back-note', { end: release.endsAt })}</p>
      <Form
        act={t('exports.back')} busy={roll.isPending} error={roll.error} why={reason.trim().length < 3 ? t('exports.why-needed') : null}
        onAct={() => roll.mutate({ export: of.id, number: release.number, reason: reason.trim() }, { onSuccess: onDone })}
        aside={<Button variant="default" onClick={onDone}>{t('ui.cancel')}</Button>}
      >
        <TextInput label={t('field.reason')} value={reason} maxLength={300} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </div>
  );
}

function End({ of }: { readonly of: Export }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const end = useAct(exportsApi['exports.end']);
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>{t('exports.end')}</Button>
      <Modal opened={opened} onClose={close} title={t('exports.end')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('exports.end')} busy={end.isPending} error={end.error} why={reason.trim().length < 3 ? t('exports.why-needed') : null}
          onAct={() => end.mutate({ export: of.id, reason: reason.trim() }, { onSuccess: close })}
        >
          <p className="e-small" style={{ margin: 0 }}>{t('exports.end-note')}</p>
          <TextInput label={t('field.reason')} value={reason} maxLength={300} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
        </Form>
      </Modal>
    </>
  );
}
