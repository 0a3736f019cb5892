/**
 * The register of attacked websites: counts, and its lines: what one attacker defaced on one address in a day is one line, which opens to its
 * sites; everything else is a site, a kind of attack and a day.
 */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters, Typed } from '#ui/Filters';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useReader, type Reader } from '#ui/reader';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import type { Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { websiteAttacks } from '../model.ts';
import { Tend } from './TendWebsite.tsx';

type Register = OutputOf<typeof landscapeApi.websites>;
type Entry = Register['items'][number];
type Line = OutputOf<typeof landscapeApi.websiteLines>['items'][number];

const isDay = (text: string | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');

export function Websites() {
  const { t } = useWords();
  const [search] = useUrlState();
  const attack = websiteAttacks.find((one) => one === search['attack']);
  const days = { ...isDay(search['from']) ? { from: search['from'] } : {}, ...isDay(search['to']) ? { to: search['to'] } : {} };
  const input = { ...days, ...attack ? { attack } : {}, ...search['site'] ? { site: search['site'] } : {} };
  const { host, attacker } = search;
  const counted = useAsk(landscapeApi.websites, { ...input, limit: 1 }, { keep: true });
  return (
    <Page title={t('nav.websites')} description={t('websites.text')}>
      <Filters names={['from', 'to', 'attack', 'site', 'host', 'attacker']}>
        <Typed name="from" label={t('event.from')} type="date" />
        <Typed name="to" label={t('event.to')} type="date" />
        <Choice
          name="attack" label={t('websites.attack')} all={t('ui.all')}
          options={websiteAttacks.map((value) => ({ value, label: t(`websites.attack-${value}`) }))}
        />
        <Typed name="site" label={t('websites.site')} placeholder="example.gov.vn" />
      </Filters>
      <Answer of={counted} skeleton={<Block height={112} />}>{(register) => <Counts of={register} />}</Answer>
      {host === undefined && attacker === undefined ? <Lines input={input} />
        : <Entries input={{ ...input, ...host === undefined ? {} : { host }, ...attacker === undefined ? {} : { attacker } }} />}
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

function lastDayOf(month: string): string {
  const [year = 1970, at = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, at, 0)).toISOString().slice(0, 10);
}

/** Nothing here: and where there is something. */
function Nothing() {
  const { t } = useWords();
  const asked = useAsk(landscapeApi.statistics, {});
  const periods = asked.data?.items.find((item) => item.series === 'websites-attacked')?.periods ?? [];
  const months = periods.filter((period) => /^\d{4}-\d{2}$/.test(period));
  const last = months.toSorted().at(-1);
  return (
    <EmptyState
      title={t('websites.none')} how={t('websites.none-how')}
      act={last ? <Link to={`/website-attacks?from=${last}-01&to=${lastDayOf(last)}`}>{t('websites.last-known')}</Link> : null}
    />
  );
}

const rowsOf = (e: { site: string; day: string }): string =>
  `/events?kind=website-attack&domain=${encodeURIComponent(e.site)}&from=${e.day}&to=${e.day}`;
function doorOf(line: Line): string {
  if (line.entry) return rowsOf(line.entry);
  const { day, attack, host, attacker } = line;
  return `/website-attacks?from=${day}&to=${day}&attack=${attack}&host=${encodeURIComponent(host)}&attacker=${encodeURIComponent(attacker)}`;
}

function repairOf({ t, number }: Words, entry: Entry) {
  if (entry.repairedAt === null) return <Mark is="wait">{t('websites.not-repaired')}</Mark>;
  const hours = entry.hoursToRepair ?? 0;
  return <Mark is="good">{t('websites.hours', { count: hours, hours: number(hours, 1) })}</Mark>;
}

function siteOf({ t }: Words, site: string, to: string, state: boolean) {
  return <><Link to={to}>{site}</Link>{state ? <>{' '}<Tag>{t('websites.state-mark')}</Tag></> : null}</>;
}

type Said = Pick<Entry, 'day' | 'attack' | 'attacker' | 'modes' | 'reasons' | 'again'>;

/** How, why, and whether it had been defaced before, as the feed says. */
function Way({ of, attacker = false }: { readonly of: Said; readonly attacker?: boolean }) {
  const { t } = useWords();
  const words = [...of.modes, ...of.reasons].join(', ');
  return (
    <>
      {attacker && of.attacker ? <div>{of.attacker}</div> : null}
      {words ? <span className={attacker ? 'e-small e-faint' : undefined}>{words}</span> : null}
      {of.again ? <>{' '}<Tag>{t('websites.again')}</Tag></> : null}
    </>
  );
}

function shared<T extends Said>({ t }: Words): Record<'day' | 'attack' | 'said', Column<T>> {
  return {
    day: { key: 'day', head: t('websites.day'), cell: (e) => <Time at={`${e.day}T00:00:00Z`} to="day" />, sort: (e) => e.day },
    attack: { key: 'attack', head: t('websites.attack'), spare: true, cell: (e) => t(`websites.attack-${e.attack}`), sort: (e) => e.attack },
    said: {
      key: 'said', head: t('websites.attacker'), wrap: true, spare: true, cell: (e) => <Way of={e} attacker />, sort: (e) => e.attacker,
    },
  };
}

function tendColumn<T>({ t }: Words, reader: Reader, entryOf: (row: T) => Entry | null): Column<T>[] {
  if (!reader.may('website.tend')) return [];
  return [{
    key: 'tend', head: t('asset.act'), cell: (row) => {
      const entry = entryOf(row);
      return entry ? <Tend entry={entry} /> : null;
    },
  }];
}

function Lines({ input }: { readonly input: object }) {
  const words = useWords();
  const { t, number } = words;
  const reader = useReader();
  const counted = useAsk(landscapeApi.websiteLines, { ...input, limit: 1 }, { keep: true });
  const of = usePaged(landscapeApi.websiteLines, { ...input, limit: 100 }, (answer) => answer);
  const { day, attack, said } = shared<Line>(words);
  const counts = counted.data?.counts;
  const columns: Column<Line>[] = [
    {
      key: 'site', head: t('websites.site'), wrap: true, sort: (l) => l.site,
      cell: (l) => (l.entry ? siteOf(words, l.site, doorOf(l), l.entry.state) : (
        <>
          <Link to={doorOf(l)}>{t('websites.on-host', { count: l.sites, sites: number(l.sites), host: l.host })}</Link>
          {l.state > 0 ? <>{' '}<Tag>{t('websites.state-of', { state: number(l.state) })}</Tag></> : null}
        </>
      )),
    },
    day, attack, said,
    { key: 'owner', head: t('websites.owner'), wrap: true, spare: true, cell: (l) => l.entry?.owner ?? '', sort: (l) => l.entry?.owner ?? null },
    {
      key: 'repair', head: t('websites.repair'), sort: (l) => l.entry?.hoursToRepair ?? null,
      cell: (l) => (l.entry ? repairOf(words, l.entry) : t('websites.repaired-of', { repaired: number(l.repaired), sites: number(l.sites) })),
    },
    ...tendColumn<Line>(words, reader, (l) => l.entry),
  ];
  return (
    <Section
      title={t('websites.lines')}
      note={counts ? t('websites.lines-note', { lines: number(counts.lines), mass: number(counts.mass), sites: number(counts.inMass) }) : null}
    >
      <PagedTable
        of={of} label={t('nav.websites')} rowKey={(l) => `${l.day} ${l.attack} ${l.host} ${l.attacker}`} to={doorOf} columns={columns}
        empty={<Nothing />}
      />
    </Section>
  );
}

function Entries({ input }: { readonly input: { readonly host?: string; readonly attacker?: string } }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const [search] = useUrlState();
  const of = usePaged(landscapeApi.websites, { ...input, limit: 100 }, (answer) => answer);
  const columns: Column<Entry>[] = [
    { key: 'site', head: t('websites.site'), sort: (e) => e.site, cell: (e) => siteOf(words, e.site, rowsOf(e), e.state) },
    { key: 'said', head: t('websites.said'), wrap: true, spare: true, cell: (e) => <Way of={e} /> },
    { key: 'owner', head: t('websites.owner'), wrap: true, spare: true, cell: (e) => e.owner ?? '', sort: (e) => e.owner },
    { key: 'repair', head: t('websites.repair'), cell: (e) => repairOf(words, e), sort: (e) => e.hoursToRepair },
    { key: 'evidence', head: t('websites.evidence'), right: true, spare: true, cell: (e) => e.evidence.length || '' },
    ...tendColumn<Entry>(words, reader, (e) => e),
  ];
  const days = `from=${search['from'] ?? ''}&to=${search['to'] ?? ''}`;
  return (
    <Section
      title={input.attacker ? t('websites.opened-by', { host: input.host ?? '', attacker: input.attacker }) : input.host ?? ''}
      note={<Link to={`/website-attacks?${days}`}>{t('websites.all-lines')}</Link>}
    >
      <PagedTable
        of={of} label={t('nav.websites')} rowKey={(e) => `${e.site} ${e.day} ${e.attack}`} to={rowsOf} columns={columns} empty={<Nothing />}
      />
    </Section>
  );
}
