/** One object: what it says, which versions there are, who sees it and why, and what it is joined to. */
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { useAsk } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { Answer, Block, Columns, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { exchangeApi } from '../api/exchange.ts';
import { CallBack } from './CallBack.tsx';
import { Graph } from './Graph.tsx';
import { MayShare } from './MayShare.tsx';
import { Outcome } from './Outcome.tsx';
import { PutInto } from './PutInto.tsx';
import { Sightings } from './Sightings.tsx';
import { threatAddress } from './Threats.tsx';
import { relationWords, typeWords } from './words.ts';

type Told = OutputOf<(typeof exchangeApi)['threats.view']>;

export function Threat() {
  const { t } = useWords();
  const reader = useReader();
  const id = usePathParameter('object');
  const asked = useAsk(exchangeApi['threats.view'], { object: id }, { keep: true });
  return (
    <Page title={asked.data?.object.name ?? id} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Answer of={asked} skeleton={<><Block height={140} /><TableSkeleton rows={5} /></>}>
        {(told) => (
          <>
            <Head told={told} /><Joined told={told} /><Sightings days={told.sightings} /><Seen told={told} /><MayShare object={told.object.id} />
            <PutInto object={told.object.id} /><Outcome object={told.object.id} />
            <Source told={told} />
            {told.object.owner === reader.organisation && reader.may('recall.begin') ? <CallBack object={told.object.id} /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

const described = (body: string): string => {
  const value = JSON.parse(body) as { description?: unknown; pattern?: unknown };
  return [value.description, value.pattern].filter((s) => typeof s === 'string').join('\n\n');
};

function Head({ told: { object, body } }: { readonly told: Told }) {
  const words = useWords();
  const { t } = words;
  const text = described(body);
  return (
    <Section>
      <Particulars
        items={[
          [t('threats.type'), typeWords(words, object.type)],
          [t('threats.tlp'), <TlpLabel key="tlp" label={object.tlp} />],
          [t('threats.id'), <code key="id" className="e-break">{object.id}</code>],
          ...object.said === '' ? [] : [[t('threats.version'), <Time key="said" at={object.said} />] as const],
          [t('threats.added'), <Time key="added" at={object.addedAt} />],
          ...object.revoked ? [[t('threats.state'), <Mark key="state" is="warn">{t('threats.revoked')}</Mark>] as const] : [],
        ]}
      />
      {text === '' ? null : <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxWidth: '80ch' }}>{text}</p>}
    </Section>
  );
}

function Joined({ told }: { readonly told: Told }) {
  const words = useWords();
  const { t, number } = words;
  const { neighbours, neighboursLeftOff, object } = told;
  return (
    <Section title={t('threats.joined')} note={neighboursLeftOff > 0 ? t('threats.left-off', { count: number(neighboursLeftOff) }) : undefined}>
      {neighbours.length === 0 ? <EmptyState title={t('threats.joined-none')} how={t('threats.joined-none-how')} /> : (
        <>
          {neighbours.length > 1 ? <Graph centre={object} neighbours={neighbours} /> : null}
          <RowTable
            label={t('threats.joined')} rows={neighbours} rowKey={(n) => `${n.direction} ${n.relation} ${n.id}`}
            columns={[
              {
                key: 'relation', head: t('threats.relation'), sort: (n) => n.relation,
                cell: (n) => `${n.direction === 'to' ? '→' : '←'} ${relationWords(words, n.relation)}`,
              },
              {
                key: 'name', head: t('threats.name'), wrap: true, sort: (n) => n.name ?? '',
                cell: (n) => (n.name === null
                  ? <span><code className="e-break">{n.id}</code> <Mark is="none">{t('threats.not-within-reach')}</Mark></span>
                  : <Link to={threatAddress(n.id)}>{n.name}</Link>),
              },
              { key: 'type', head: t('threats.type'), cell: (n) => typeWords(words, n.type), sort: (n) => n.type },
            ]}
          />
        </>
      )}
    </Section>
  );
}

function Seen({ told: { audience, versions } }: { readonly told: Told }) {
  const { t, number } = useWords();
  return (
    <Columns>
      <Section title={t('threats.versions')}>
        <Timeline
          label={t('threats.versions')}
          steps={versions.map((v) => ({
            key: `${v.said} ${v.spec}`, at: v.receivedAt, is: v.revoked ? 'warn' as const : 'info' as const,
            title: <>{v.said === '' ? t('threats.no-version') : v.said} <TlpLabel label={v.tlp} /></>,
            by: [v.revoked ? t('threats.revoked') : '', v.source ?? '', t('threats.bytes', { count: number(v.bytes) }),
              `STIX ${v.spec}`].filter((s) => s !== '').join(', '),
          }))}
        />
      </Section>
      <Section title={t('threats.audience')}>
        {audience.length === 0 ? <p className="e-small e-faint">{t('threats.audience-others')}</p> : (
          <Timeline
            label={t('threats.audience')}
            steps={audience.map((a) => ({
              key: a.collection, at: a.since, is: a.partnerName === null ? 'none' as const : 'good' as const,
              title: a.partnerName === null ? t(a.title === 'eyes' ? 'collections.eyes' : 'collections.library') : `${a.partnerName}: ${a.title}`,
              by: a.agreement === null ? null : <Link to={`/agreements/${a.agreement}`}>{t('threats.under')}</Link>,
            }))}
          />
        )}
      </Section>
    </Columns>
  );
}

function Source({ told: { body } }: { readonly told: Told }) {
  const { t } = useWords();
  return <Section title={t('threats.source')}><Code label={t('threats.source')} text={JSON.stringify(JSON.parse(body), null, 2)} /></Section>;
}
