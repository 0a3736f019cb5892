/** Parcels: the sites that no network reaches, what was packed for them, what came from them with its gaps, and receipts. */
import { Button, FileInput, NativeSelect, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { requestOf } from '#kit/endpoint';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { fileUrl } from '#ui/Download';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '#modules/exchange/api/exchange';
import type { OutputOf } from '#kit/endpoint';
import { parcelsApi } from '../api/parcels.ts';
import type { Taken } from '../model/parcels.ts';

type Answered = OutputOf<typeof parcelsApi['sites.list']>;

export function Parcels() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(parcelsApi['sites.list'], {}, { keep: true });
  const act = reader.may('peer.change') ? <ButtonLink to="/parcels/pin">{t('nav.site-pin')}</ButtonLink> : null;
  return (
    <Page title={t('nav.parcels')} description={t('parcels.text')} act={act}>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {(answer) => (
          <>
            <Sites {...answer} />
            {reader.may('peer.fetch') && answer.sites.length > 0 ? <HandIn /> : null}
            <TakenIn {...answer} />
            <MadeHere {...answer} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Sites({ sites, vkey }: Answered) {
  const { t } = useWords();
  const reader = useReader();
  return (
    <Section title={t('parcels.sites')} note={<>{t('parcels.own-key')} <Hash value={vkey} keep={10} /></>}>
      <RowTable
        label={t('parcels.sites')} rows={sites} rowKey={(s) => s.id} empty={<EmptyState title={t('parcels.none')} how={t('parcels.none-how')} />}
        columns={[
          { key: 'title', head: t('parcels.site'), wrap: true, cell: (s) => s.title, sort: (s) => s.title },
          { key: 'key', head: t('parcels.key'), spare: true, cell: (s) => <Hash value={s.vkey} keep={14} /> },
          { key: 'ceiling', head: t('parcels.up-to'), cell: (s) => <TlpLabel label={s.ceiling} /> },
          { key: 'pinned', head: t('parcels.pinned'), spare: true, cell: (s) => <Time at={s.pinnedAt} />, sort: (s) => s.pinnedAt },
          ...reader.may('peer.fetch') ? [{ key: 'make', head: t('peers.act'), cell: (s: Answered['sites'][number]) => <Make site={s} /> }] : [],
        ]}
      />
    </Section>
  );
}

/** The browser's own download takes the file as it is packed; a no opens beside the page. */
function Make({ site }: { readonly site: Answered['sites'][number] }) {
  const { t } = useWords();
  const shared = useAsk(exchangeApi['collections.list'], {}, { enabled: site.agreement !== null });
  const [own, setOwn] = useState('');
  const mine = (shared.data?.own ?? []).filter((c) => c.kind === 'shared' && c.closedAt === null && c.agreement === site.agreement);
  const chosen = own === '' ? mine[0]?.id ?? '' : own;
  if (site.agreement === null || mine.length === 0) return <span className="e-small e-faint">{t('parcels.nothing-shared')}</span>;
  return (
    <form method="post" target="_blank" action={`/api/sites/${site.id}/parcels?own=${chosen}`} style={{ display: 'flex', gap: 8 }}>
      {mine.length > 1 ? (
        <NativeSelect size="xs" aria-label={t('peers.collection')} value={chosen} onChange={(e) => setOwn(e.currentTarget.value)}
          data={mine.map((c) => ({ value: c.id, label: c.title }))} />
      ) : null}
      <Button type="submit" size="compact-sm" variant="default" aria-label={t('parcels.make-for', { name: site.title })}>{t('parcels.make')}</Button>
    </form>
  );
}

interface Told { readonly parcel: Taken; readonly again: boolean; readonly missing: readonly number[] }

function HandIn() {
  const { t, number } = useWords();
  const { send } = useTransport();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [receipt, setReceipt] = useState('');
  const acknowledge = useAct(parcelsApi['parcels.acknowledge']);
  const take = async (given: File): Promise<void> => {
    setBusy(true);
    setTold(null);
    setError(null);
    const { url } = requestOf({ ...parcelsApi['parcels.take'], method: 'GET' }, { file: given.name });
    await send(url, given, { sent: () => undefined, line: (line) => setTold(line as Told) }).catch((no: unknown) => setError(no as Error));
    setBusy(false);
    await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/sites') });
  };
  return (
    <Section title={t('parcels.hand-in')} note={t('parcels.hand-in-note')}>
      <Form act={t('parcels.take')} onAct={() => file && void take(file)} busy={busy} error={error} why={file ? null : t('parcels.take-why')}>
        <FileInput label={t('parcels.file')} value={file} onChange={setFile} clearable />
      </Form>
      {told ? (
        <p role="status">
          <Mark is={told.again ? 'none' : 'good'}>{t(told.again ? 'parcels.again' : 'parcels.taken', { number: number(told.parcel.number) })}</Mark>{' '}
          {t('parcels.counts', { accepted: number(told.parcel.accepted), duplicate: number(told.parcel.duplicate), retracted: number(told.parcel.retracted) })}
          {told.missing.length > 0 ? ` ${t('parcels.missing', { numbers: told.missing.join(', ') })}` : ''}
        </p>
      ) : null}
      <Form act={t('parcels.acknowledge')} onAct={() => acknowledge.mutate({ receipt }, { onSuccess: () => setReceipt('') })} busy={acknowledge.isPending}
        error={acknowledge.error} why={receipt ? null : t('parcels.acknowledge-why')}>
        <Textarea label={t('parcels.receipt')} description={t('parcels.receipt-how')} autosize minRows={3} maxRows={10} value={receipt}
          onChange={(e) => setReceipt(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}

function TakenIn({ taken, sites, gaps }: Answered) {
  const { t, number } = useWords();
  const nameOf = (id: string): string => sites.find((s) => s.id === id)?.title ?? id;
  return (
    <Section title={t('parcels.came')}>
      {gaps.map((g) => (
        <p key={`${g.site} ${g.series}`}>
          <Mark is="warn">{t('parcels.gap', { title: g.title, site: nameOf(g.site), numbers: g.missing.join(', ') })}</Mark>
        </p>
      ))}
      <RowTable
        label={t('parcels.came')} rows={taken} rowKey={(p) => p.id} empty={<EmptyState title={t('parcels.came-none')} how={t('parcels.came-none-how')} />}
        columns={[
          { key: 'from', head: t('parcels.site'), wrap: true, cell: (p) => nameOf(p.site), sort: (p) => nameOf(p.site) },
          { key: 'title', head: t('peers.collection'), wrap: true, spare: true, cell: (p) => p.title },
          { key: 'number', head: t('parcels.number'), right: true, cell: (p) => number(p.number), sort: (p) => p.number },
          { key: 'accepted', head: t('peers.accepted'), right: true, cell: (p) => number(p.accepted), sort: (p) => p.accepted },
          { key: 'duplicate', head: t('peers.duplicate'), right: true, spare: true, cell: (p) => number(p.duplicate) },
          { key: 'retracted', head: t('parcels.retracted'), right: true, spare: true, cell: (p) => number(p.retracted) },
          { key: 'at', head: t('parcels.taken-at'), cell: (p) => <Time at={p.takenAt} />, sort: (p) => p.takenAt },
          { key: 'receipt', head: t('parcels.receipt'), cell: (p) => <ReceiptOf parcel={p} /> },
        ]}
      />
    </Section>
  );
}

function ReceiptOf({ parcel }: { readonly parcel: Taken }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const asked = useAsk(parcelsApi['parcels.receipt'], { parcel: parcel.id }, { enabled: open });
  if (asked.data) return <a href={fileUrl('text/plain', asked.data.receipt)} download={`${parcel.series}-${parcel.number}.receipt`}>{t('parcels.save')}</a>;
  return (
    <>
      <Button size="compact-xs" variant="default" loading={asked.isFetching} onClick={() => setOpen(true)}
        aria-label={t('parcels.receipt-of', { number: parcel.number })}>
        {t('parcels.receipt-make')}
      </Button>
      {asked.error ? <ProblemNote error={asked.error} /> : null}
    </>
  );
}

function MadeHere({ made, sites }: Answered) {
  const { t, number } = useWords();
  const nameOf = (id: string): string => sites.find((s) => s.id === id)?.title ?? id;
  return (
    <Section title={t('parcels.made')} note={t('parcels.made-note')}>
      <RowTable
        label={t('parcels.made')} rows={made} rowKey={(p) => `${p.series} ${p.number}`}
        empty={<EmptyState title={t('parcels.made-none')} how={t('parcels.made-none-how')} />}
        columns={[
          { key: 'for', head: t('parcels.site'), wrap: true, cell: (p) => nameOf(p.site), sort: (p) => nameOf(p.site) },
          { key: 'title', head: t('peers.collection'), wrap: true, spare: true, cell: (p) => p.title },
          { key: 'number', head: t('parcels.number'), right: true, cell: (p) => number(p.number), sort: (p) => p.number },
          { key: 'objects', head: t('peers.objects'), right: true, cell: (p) => number(p.objects), sort: (p) => p.objects },
          { key: 'retractions', head: t('parcels.retracted'), right: true, spare: true, cell: (p) => number(p.retractions) },
          { key: 'at', head: t('parcels.made-at'), cell: (p) => <Time at={p.madeAt} />, sort: (p) => p.madeAt },
          {
            key: 'receipt', head: t('parcels.arrived'), cell: (p) => (p.receipt ? <Mark is="good"><Time at={p.receipt.takenAt} /></Mark>
              : <span className="e-faint">{t('parcels.no-receipt')}</span>),
          },
        ]}
      />
    </Section>
  );
}
