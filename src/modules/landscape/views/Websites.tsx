/** The register of attacked websites: counts, one entry for each site, kind and day, when it was clean again, and what was kept of it. */
import { Button, FileInput, Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters, Typed } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { PagedTable } from '#ui/PagedTable';
import { usePaged, type Paged } from '#ui/paged';
import type { Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { toBase64 } from '#kit/encoding';
import type { InputOf, OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { evidenceBytesMax, evidenceTypes, websiteAttacks } from '../model.ts';

type Register = OutputOf<typeof landscapeApi.websites>;
type Entry = Register['items'][number];

const isDay = (text: string | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');

export function Websites() {
  const { t } = useWords();
  const [search] = useUrlState();
  const attack = websiteAttacks.find((one) => one === search['attack']);
  const input = {
    ...isDay(search['from']) ? { from: search['from'] } : {}, ...isDay(search['to']) ? { to: search['to'] } : {},
    ...attack ? { attack } : {}, ...search['site'] ? { site: search['site'] } : {},
  };
  const counted = useAsk(landscapeApi.websites, { ...input, limit: 1 }, { keep: true });
  const found = usePaged(landscapeApi.websites, { ...input, limit: 100 }, (answer) => answer);
  return (
    <Page title={t('nav.websites')} description={t('websites.text')}>
      <Filters names={['from', 'to', 'attack', 'site']}>
        <Typed name="from" label={t('event.from')} type="date" />
        <Typed name="to" label={t('event.to')} type="date" />
        <Choice
          name="attack" label={t('websites.attack')} all={t('ui.all')}
          options={websiteAttacks.map((value) => ({ value, label: t(`websites.attack-${value}`) }))}
        />
        <Typed name="site" label={t('websites.site')} placeholder="example.gov.vn" />
      </Filters>
      <Answer of={counted} skeleton={<Block height={112} />}>{(register) => <Counts of={register} />}</Answer>
      <Section><Entries of={found} /></Section>
    </Page>
  );
}

function Counts({ of: { counts, from, to } }: { readonly of: Register }) {
  const { t, number } = useWords();
  const at = (attack: string): string => `/website-attacks?from=${from}&to=${to}${attack ? `&attack=${attack}` : ''}`;
  return (
    <Figures>
      <Figure
        label={t('websites.all')} value={number(counts.all)} to={at('')} definition={{ text: t('websites.definition') }}
        under={<span><Time at={`${from}T00:00:00Z`} to="day" /> – <Time at={`${to}T00:00:00Z`} to="day" /></span>}
      />
      {counts.byAttack.map(({ attack, count }) => (
        <Figure
          key={attack} label={t(`websites.attack-${attack}`)} value={number(count)} to={at(attack)}
          definition={{ text: t('websites.by-definition') }}
        />
      ))}
      <Figure label={t('websites.state')} value={number(counts.state)} to={at('')} definition={{ text: t('websites.state-definition') }} />
      <Figure
        label={t('websites.repaired')} value={number(counts.repaired)} to={at('')} definition={{ text: t('websites.repaired-definition') }}
        under={counts.medianHours === null ? null : t('websites.median', { hours: number(counts.medianHours, 1) })}
      />
    </Figures>
  );
}

function repairOf({ t, number }: Words, entry: Entry) {
  if (entry.repairedAt === null) return <Mark is="wait">{t('websites.not-repaired')}</Mark>;
  const hours = entry.hoursToRepair ?? 0;
  return <Mark is="good">{t('websites.hours', { count: hours, hours: number(hours, 1) })}</Mark>;
}

function Entries({ of }: { readonly of: Paged<Entry> }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const rows = (e: Entry): string => `/events?kind=website-attack&domain=${encodeURIComponent(e.site)}&from=${e.day}&to=${e.day}`;
  const columns: Column<Entry>[] = [
    {
      key: 'site', head: t('websites.site'), sort: (e) => e.site,
      cell: (e) => <><Link to={rows(e)}>{e.site}</Link>{e.state ? <>{' '}<Tag>{t('websites.state-mark')}</Tag></> : null}</>,
    },
    { key: 'day', head: t('websites.day'), cell: (e) => <Time at={`${e.day}T00:00:00Z`} to="day" />, sort: (e) => e.day },
    { key: 'attack', head: t('websites.attack'), cell: (e) => t(`websites.attack-${e.attack}`), sort: (e) => e.attack },
    { key: 'owner', head: t('websites.owner'), wrap: true, spare: true, cell: (e) => e.owner ?? '', sort: (e) => e.owner },
    { key: 'repair', head: t('websites.repair'), cell: (e) => repairOf(words, e), sort: (e) => e.hoursToRepair },
    { key: 'evidence', head: t('websites.evidence'), right: true, spare: true, cell: (e) => e.evidence.length || '' },
    ...reader.may('website.tend') ? [{ key: 'tend', head: t('asset.act'), cell: (e: Entry) => <Tend entry={e} /> }] : [],
  ];
  return (
    <PagedTable
      of={of} label={t('nav.websites')} rowKey={(e) => `${e.site} ${e.day} ${e.attack}`} to={rows} columns={columns}
      empty={<EmptyState title={t('websites.none')} how={t('websites.none-how')} />}
    />
  );
}

/** A repair and evidence of one entry. */
function Tend({ entry }: { readonly entry: Entry }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState({ at: '', how: '', url: '', file: null as File | null });
  const repair = useAct(landscapeApi.repairWebsite);
  const capture = useAct(landscapeApi.captureWebsite);
  const { site, day } = entry;
  const keep = async () => {
    if (!typed.file) return;
    const mediaType = evidenceTypes.find((type) => type === typed.file?.type) ?? 'text/plain';
    const sent: InputOf<typeof landscapeApi.captureWebsite> = {
      site, day, url: typed.url, capturedAt: new Date().toISOString(), mediaType, base64: toBase64(new Uint8Array(await typed.file.arrayBuffer())),
    };
    capture.mutate(sent, { onSuccess: close });
  };
  return (
    <>
      <Button variant="subtle" size="compact-xs" onClick={open} aria-label={t('websites.tend', { site })}>{t('websites.update')}</Button>
      <Modal opened={opened} onClose={close} title={t('websites.tend', { site })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('websites.note-repair')} busy={repair.isPending} error={repair.error}
          why={typed.at && typed.how.trim().length >= 3 ? null : t('websites.repair-why')}
          onAct={() => repair.mutate({ site, day, at: new Date(typed.at).toISOString(), how: typed.how }, { onSuccess: close })}
        >
          <TextInput
            type="datetime-local" label={t('websites.repaired-at')} value={typed.at}
            onChange={(e) => setTyped({ ...typed, at: e.currentTarget.value })}
          />
          <Textarea label={t('websites.how')} value={typed.how} onChange={(e) => setTyped({ ...typed, how: e.currentTarget.value })} autosize />
        </Form>
        <div style={{ height: 20 }} />
        <Form
          act={t('websites.capture')} busy={capture.isPending} error={capture.error} onAct={() => void keep()}
          why={typed.file && typed.file.size <= evidenceBytesMax && URL.canParse(typed.url) ? null : t('websites.capture-why')}
        >
          <TextInput
            type="url" label={t('websites.url')} value={typed.url} onChange={(e) => setTyped({ ...typed, url: e.currentTarget.value })}
          />
          <FileInput
            label={t('websites.file')} value={typed.file} accept={evidenceTypes.join(',')} onChange={(file) => setTyped({ ...typed, file })} clearable
          />
        </Form>
      </Modal>
    </>
  );
}
