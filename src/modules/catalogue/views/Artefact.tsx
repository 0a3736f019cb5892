/** One artefact: its digest, where it is read, what it is linked with; of source code its folders, of which no content is given here. */
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Hash } from '#ui/Hash';
import { Answer, Lines, Page, Particulars, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { Bill } from './Bill.tsx';
import { Flows } from './Flows.tsx';
import { AccessMark, useSize } from './marks.tsx';
import { RuleSet } from './RuleSet.tsx';
import { Tend } from './Tend.tsx';

type View = OutputOf<(typeof catalogueApi)['artefacts.view']>;

export function Artefact() {
  const { t } = useWords();
  const id = usePathParameter('artefact');
  const asked = useAsk(catalogueApi['artefacts.view'], { artefact: id });
  const { artefact, release, product } = asked.data ?? {};
  return (
    <Page
      title={artefact?.name ?? t('catalogue.part')}
      above={product && release ? <Link to={`/releases/${release.id}`}>{`${product.name} ${release.version}`}</Link> : null}
    >
      <Answer of={asked} skeleton={<Lines />}>
        {(view) => (
          <>
            <About {...view} />
            <Links {...view} />
            {view.artefact.kind === 'rules' && view.artefact.openable === 'yes' ? <RuleSet artefact={view.artefact.id} /> : null}
            {view.artefact.kind === 'sbom' && view.artefact.openable === 'yes' ? <Bill artefact={view.artefact.id} /> : null}
            {view.artefact.kind === 'flows' && view.artefact.openable === 'yes' ? <Flows artefact={view.artefact.id} /> : null}
            {view.mayChange ? <Tend of={view.artefact} /> : null}
            {view.artefact.snapshot ? <Folder of={view.artefact} /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function About({ artefact, release }: View) {
  const { t, number } = useWords();
  const size = useSize();
  const { snapshot } = artefact;
  const open = artefact.openable === 'yes' && !snapshot
    ? <a href={`/api/artefacts/${artefact.id}/bytes`} download>{t('catalogue.open-file')}</a> : t(`catalogue.openable-${artefact.openable}`);
  return (
    <Section>
      <Particulars
        items={[
          [t('catalogue.kind'), t(`catalogue.kind-${artefact.kind}`)],
          [t('catalogue.access'), <AccessMark key="access" artefact={artefact} />],
          [t('catalogue.label'), <TlpLabel key="tlp" label={artefact.tlp} />],
          [t('catalogue.reading'), open],
          ...snapshot ? [
            [t('catalogue.root'), <Hash key="root" value={snapshot.root} keep={12} />] as const,
            ...snapshot.origin === null ? [] : [
              [t('catalogue.origin'), snapshot.origin.name] as const,
              [t(`catalogue.origin-${snapshot.origin.kind}`), <Hash key="origin" value={snapshot.origin.digest} keep={12} />] as const,
            ],
            [t('catalogue.size'), t('catalogue.files-size', { files: number(snapshot.files), size: size(snapshot.bytes) })] as const,
          ] : [[t('catalogue.size'), size(artefact.size)] as const],
          [t('catalogue.digest'), <Hash key="digest" value={artefact.sha256} keep={12} />],
          ...release.publishedAt === null ? [] : [[t('catalogue.published'), <Time key="at" at={release.publishedAt} />] as const],
          ...artefact.withdrawnWhy === null ? [] : [[t('catalogue.withdrawn-why'), artefact.withdrawnWhy] as const],
        ]}
      />
    </Section>
  );
}

function Links({ links }: View) {
  const { t } = useWords();
  if (links.length === 0) return null;
  return (
    <Section title={t('catalogue.links')} note={t('catalogue.links-text')}>
      <RowTable
        label={t('catalogue.links')} rows={links} rowKey={(l) => l.id}
        columns={[
          { key: 'item', head: t('catalogue.item'), wrap: true, sort: (l) => l.item,
            cell: (l) => (l.item === '' ? t('catalogue.whole') : <code>{l.item}</code>) },
          { key: 'relation', head: t('catalogue.relation'), sort: (l) => l.relation, cell: (l) => t(`catalogue.relation-${l.relation}-${l.way}`) },
          { key: 'to', head: t('catalogue.leads'), wrap: true,
            cell: (l) => (l.artefact === null ? <code>{l.value}</code> : (
              <><Link to={`/artefacts/${l.artefact}`}>{`${l.name ?? ''} ${l.version ?? ''}`}</Link>{l.value === '' ? null : <> <code>{l.value}</code></>}</>
            )) },
        ]}
      />
    </Section>
  );
}

function Folder({ of }: { readonly of: View['artefact'] }) {
  const { t, number } = useWords();
  const size = useSize();
  const [{ path = '' }] = useUrlState();
  const asked = useAsk(catalogueApi['artefacts.browse'], { artefact: of.id, path }, { keep: true });
  const address = (to: string): string => `/artefacts/${of.id}${to === '' ? '' : `?path=${encodeURIComponent(to)}`}`;
  const parts = path === '' ? [] : path.split('/');
  return (
    <Section title={t('catalogue.folders')} note={t('catalogue.folders-text')}>
      <p>
        <Link to={address('')}>{of.name}</Link>
        {parts.map((part, i) => <span key={parts.slice(0, i + 1).join('/')}> / <Link to={address(parts.slice(0, i + 1).join('/'))}>{part}</Link></span>)}
      </p>
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {({ entries }) => (entries.length === 0 ? <EmptyState title={t('catalogue.no-part')} how={t('catalogue.no-part-how')} /> : (
          <RowTable
            label={t('catalogue.folders')} rows={entries} rowKey={(e) => e.name} tall={620}
            columns={[
              { key: 'name', head: t('catalogue.part'), wrap: true,
                cell: (e) => (e.mode === '040000'
                  ? <Link to={address(path === '' ? e.name : `${path}/${e.name}`)}>{`${e.name}/`}</Link> : <code>{e.name}</code>) },
              { key: 'files', head: t('catalogue.files'), right: true, spare: true, sort: (e) => e.files,
                cell: (e) => (e.mode === '040000' ? number(e.files)
                  : e.mode === '120000' ? t('catalogue.is-link') : e.mode === '100755' ? t('catalogue.runs') : '') },
              { key: 'size', head: t('catalogue.size'), right: true, sort: (e) => e.size, cell: (e) => size(e.size) },
              { key: 'digest', head: t('catalogue.digest'), spare: true, cell: (e) => <Hash value={e.digest} /> },
            ]}
          />
        ))}
      </Answer>
    </Section>
  );
}
