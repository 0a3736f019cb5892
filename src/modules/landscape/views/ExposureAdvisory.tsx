/** One advisory on open systems: what it says in a sentence whose figures are doors, and the systems it speaks of, state bodies first. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { Cves, Grave } from './ExposureAdvisories.tsx';

type Whole = OutputOf<typeof landscapeApi.exposureAdvisory>;
type System = Whole['items'][number];

const audiences = ['all', 'state', 'unattributed'] as const;

export function ExposureAdvisory() {
  const { t } = useWords();
  const reader = useReader();
  const advisory = usePathParameter('advisory');
  const asked = useAsk(landscapeApi.exposureAdvisory, { advisory, limit: 1 });
  const stands = asked.data?.advisory;
  const act = stands && stands.withdrawnAt === null && reader.may('exposure-advisory.publish') ? <Withdraw of={stands} /> : null;
  return (
    <Page title={stands?.title ?? t('nav.advisories')} above={<Link to="/exposure-advisories">{t('nav.advisories')}</Link>} act={act}>
      <Answer of={asked}>
        {(whole) => (
          <>
            <Says of={whole} />
            <Counts of={whole} />
            <Systems of={whole} />
            <Trail subject={advisory} />
          </>
        )}
      </Answer>
    </Page>
  );
}

/** What it speaks of, in words. */
function spoken({ t }: Words, { match, cves }: Whole['advisory']): string[] {
  const listed = (key: string, values: readonly string[]): string[] => (values.length === 0 ? [] : [t(key, { values: values.join(', ') })]);
  const versions = (p: Whole['advisory']['match']['products'][number]): string => [
    p.product, ...(p.from ? [t('advisories.from-version', { version: p.from })] : []),
    ...(p.before ? [t('advisories.before-version', { version: p.before })] : []),
  ].join(' ');
  return [
    ...match.products.map(versions), ...listed('advisories.of-reports', match.reports), ...listed('advisories.of-types', match.types),
    ...listed('advisories.of-families', match.families), ...(match.cve && cves.length > 0 ? [t('advisories.of-cves')] : []),
  ];
}

function Says({ of: { advisory } }: { readonly of: Whole }) {
  const words = useWords();
  const { t, number } = words;
  return (
    <Section>
      <Particulars
        items={[
          [t('advisories.severity'), <Grave severity={advisory.severity} />],
          [t('advisories.cves'), advisory.cves.length > 0 ? <Cves of={advisory.cves} /> : t('ui.none')],
          [t('advisories.speaks-of'), spoken(words, advisory).map((line) => <div key={line}>{line}</div>)],
          [t('advisories.days-back'), number(advisory.daysBack)],
          [t('advisories.source'), <a href={advisory.source} target="_blank" rel="noreferrer" style={{ overflowWrap: 'anywhere' }}>{advisory.source}</a>],
          [t('advisories.published'), <Time at={advisory.publishedAt} />],
          ...(advisory.withdrawnAt === null ? [] : [
            [t('advisories.withdrawn'), <Time at={advisory.withdrawnAt} />] as const, [t('field.reason'), advisory.withdrawnReason ?? ''] as const,
          ]),
        ]}
      />
    </Section>
  );
}

function Counts({ of: { advisory, counts, computedAt } }: { readonly of: Whole }) {
  const { t, number, day } = useWords();
  const at = (who: string): string => `/exposure-advisories/${advisory.id}?who=${who}`;
  const under = t('exposure.span', { from: day(advisory.from), to: day(advisory.to) });
  const is = (key: string) => ({ text: t(key), computedAt, numerator: number(counts.rows), method: t('advisories.method') });
  return (
    <>
      <Sentence of={counts} at={at} />
      <Figures>
        <Figure
          label={t('advisories.state-systems')} value={number(counts.stateSystems)} to={at('state')} definition={is('advisories.state-definition')}
          under={t('advisories.bodies', { count: counts.stateBodies, bodies: number(counts.stateBodies) })}
        />
        <Figure label={t('advisories.systems')} value={number(counts.systems)} to={at('all')} under={under} definition={is('advisories.systems-definition')} />
        <Figure label={t('advisories.owners')} value={number(counts.owners)} to={at('all')} under={under} definition={is('advisories.owners-definition')} />
        <Figure
          label={t('advisories.unattributed')} value={number(counts.unattributed)} to={at('unattributed')} under={under}
          definition={is('advisories.unattributed-definition')}
        />
      </Figures>
      {counts.updated + counts.versionUnknown > 0 ? (
        <p className="e-quiet">
          {t('advisories.beside', { updated: number(counts.updated), unknown: number(counts.versionUnknown) })}
        </p>
      ) : null}
    </>
  );
}

/** How many and whose in one sentence; each figure is the door to its systems, where they have a page. */
export function Sentence({ of, at }: { readonly of: Whole['counts']; readonly at?: (who: string) => string }) {
  const { t, number } = useWords();
  const figures: Readonly<Record<string, readonly [count: number, who: string]>> = {
    systems: [of.systems, 'all'], owners: [of.owners, 'all'], state: [of.stateSystems, 'state'], bodies: [of.stateBodies, 'state'],
    unattributed: [of.unattributed, 'unattributed'],
  };
  return (
    <p>
      {t('advisories.sentence', { count: of.systems }).split(/\[(\w+)\]/).map((piece, i) => {
        const figure = i % 2 === 1 ? figures[piece] : undefined;
        if (!figure) return piece;
        return at ? <Link key={piece} to={at(figure[1])}>{number(figure[0])}</Link> : <strong key={piece}>{number(figure[0])}</strong>;
      })}
    </p>
  );
}

/** The columns of an affected system, for the centre and for its owner. */
export function systemColumns({ t, number }: Words, owners: boolean): Column<System>[] {
  return [
    {
      key: 'asset', head: t('advisories.system'), sort: (s) => s.asset, wrap: true,
      cell: (s) => <span className="e-mono">{s.asset}{s.port === null ? '' : ` :${s.port}`}</span>,
    },
    ...(owners ? [{
      key: 'owner', head: t('advisories.owner'), wrap: true, sort: (s: System) => s.ownerName,
      cell: (s: System) => (s.owner === null ? <span className="e-faint">{t('advisories.nobody')}</span>
        : <>{s.ownerName ?? s.owner}{s.state ? <>{' '}<Tag>{t('websites.state-mark')}</Tag></> : null}</>),
    }] : []),
    { key: 'product', head: t('advisories.seen-as'), wrap: true, sort: (s) => s.product, cell: (s) => [s.product, s.version].filter(Boolean).join(' ') },
    { key: 'last', head: t('exposure.last'), sort: (s) => s.last, cell: (s) => <Time at={s.last} /> },
    ...(owners ? [] : [{
      key: 'first', head: t('exposure.since'), spare: true, sort: (s: System) => s.first, cell: (s: System) => <Time at={s.first} />,
    }]),
    { key: 'rows', head: t('exposure.events'), right: true, spare: true, sort: (s) => s.rows, cell: (s) => number(s.rows) },
  ];
}

function Systems({ of: { advisory } }: { readonly of: Whole }) {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const who = audiences.find((one) => one === search['who']) ?? 'all';
  const owner = search['owner'] ? { owner: search['owner'] } : {};
  const found = usePaged(landscapeApi.exposureAdvisory, { advisory: advisory.id, who, ...owner }, (a) => a);
  const rows = (s: System): string =>
    `/events?kind=exposure&${/^[\d.]+$|:/.test(s.asset) ? 'ip' : 'domain'}=${encodeURIComponent(s.asset)}&from=${advisory.from}&to=${advisory.to}`;
  const table = `/api/exposure-advisories/${advisory.id}/table?who=${who}${search['owner'] ? `&owner=${encodeURIComponent(search['owner'])}` : ''}`;
  return (
    <>
      <Filters names={['who', 'owner']}>
        <Choice name="who" label={t('advisories.whose')} options={audiences.map((value) => ({ value, label: t(`advisories.who-${value}`) }))} otherwise="all" />
      </Filters>
      <Section
        title={t('advisories.affected')} note={t('advisories.affected-note')}
        aside={(
          <Button component="a" size="xs" variant="default" href={table} download leftSection={<IconDownload size={16} aria-hidden />}>
            {t('advisories.table')}
          </Button>
        )}
      >
        <PagedTable
          of={found} label={t('advisories.affected')} rowKey={(s) => `${s.asset} ${s.port} ${s.owner}`} to={rows} columns={systemColumns(words, true)}
          empty={<EmptyState title={t('advisories.no-systems')} how={t('advisories.no-systems-how')} />}
        />
      </Section>
    </>
  );
}

function Withdraw({ of }: { readonly of: Whole['advisory'] }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const withdraw = useAct(landscapeApi.withdrawAdvisory);
  return (
    <>
      <Button variant="default" onClick={open}>{t('advisories.withdraw')}</Button>
      <Modal opened={opened} onClose={close} title={t('advisories.withdraw')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('advisories.withdraw')} busy={withdraw.isPending} error={withdraw.error}
          why={reason.trim().length < 3 ? t('advisories.reason-why') : null}
          onAct={() => withdraw.mutate({ advisory: of.id, reason: reason.trim() }, { onSuccess: close })}
        >
          <p className="e-small" style={{ margin: 0 }}>{t('advisories.withdraw-how')}</p>
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
        </Form>
      </Modal>
    </>
  );
}

/** On a constituent's own page: the advisories that speak of its systems. Nothing is drawn where none does. */
export function OwnAdvisories() {
  const words = useWords();
  const { t, number } = words;
  const asked = useAsk(landscapeApi.myAdvisories, {});
  const items = asked.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t('advisories.own')} note={t('advisories.own-note')}>
      {items.map((item) => (
        <div key={item.id} style={{ marginBottom: 20 }}>
          <h3 style={{ margin: 0, fontSize: 16 }}>
            {item.title} <Cves of={item.cves} />
          </h3>
          <p className="e-small">
            <Grave severity={item.severity} />{' '}
            <Mark is="info">{t('advisories.own-systems', { count: item.systems, systems: number(item.systems) })}</Mark>{' '}
            <a href={item.source} target="_blank" rel="noreferrer">{t('advisories.source')}</a>
          </p>
          <RowTable
            label={item.title} rows={item.shown} rowKey={(s) => `${s.asset} ${s.port} ${s.owner}`} columns={systemColumns(words, false)}
            to={(s) => `/exposure?kind=exposure&ip=${encodeURIComponent(s.asset)}`}
          />
        </div>
      ))}
    </Section>
  );
}
