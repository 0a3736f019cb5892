/** One rebuild: who built what again, from which source, by which recipe, in what environment, and what its log says. */
import { useState } from 'react';
import { Button } from '@mantine/core';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { Hash } from '#ui/Hash';
import { Answer, Block, Lines, Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import { VerdictMark } from './marks.tsx';

type View = OutputOf<(typeof buildsApi)['rebuilds.view']>;

export function Rebuild() {
  const { t } = useWords();
  const id = usePathParameter('rebuild');
  const asked = useAsk(buildsApi['rebuilds.view'], { rebuild: id });
  const { rebuild } = asked.data ?? {};
  return (
    <Page
      title={rebuild ? t('builds.rebuild-by', { name: rebuild.rebuilderName }) : t('builds.rebuild')}
      above={rebuild ? (
        <Link to={`/releases/${rebuild.release}/rebuilds`}>{t('builds.rebuilds-of', { name: `${rebuild.productName} ${rebuild.version}` })}</Link>
      ) : null}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

function Shown({ rebuild: r, verdicts }: View) {
  const { t } = useWords();
  return (
    <>
      <Section>
        <Particulars
          items={[
            [t('builds.rebuilder'), `${r.rebuilderName}, ${r.orgName}`],
            [t('builds.received'), <Time key="at" at={r.at} />],
            [t('builds.finished'), r.finishedAt],
            [t('builds.recipe'), <Hash key="recipe" value={r.recipe} keep={12} />],
            [t('builds.environment'), <Hash key="environment" value={r.environment} keep={12} />],
            ...r.sources.map((s) => [t('builds.source'), <span key={s.sha256}>{s.name} <Hash value={s.sha256} keep={12} /></span>] as const),
            [t('builds.evidence'), (
              <span key="evidence"><a href={`/api/rebuilds/${r.id}/evidence`} download>{t('builds.download')}</a>{' '}
                <Hash value={r.evidence} keep={12} /></span>
            )],
            ...r.corrects === null ? [] : [[t('builds.corrects-what'), (
              <span key="c"><Link to={`/rebuilds/${r.corrects}`}>{t('builds.earlier')}</Link>: {r.reason}</span>
            )] as const],
          ]}
        />
        <Code label={t('builds.check-command')} text={`entente verify-evidence ${r.id}.entente-evidence --trust ${r.rebuilderName}=key.pem`} />
      </Section>
      <Section title={t('builds.verdicts')}>
        <RowTable
          label={t('builds.verdicts')} rows={verdicts} rowKey={(v) => v.id} to={(v) => `/verdicts/${v.id}`}
          columns={[
            { key: 'verdict', head: t('builds.verdict'), cell: (v) => <Link to={`/verdicts/${v.id}`}><VerdictMark verdict={v.stands} /></Link> },
            { key: 'rules', head: t('builds.rests-on'), wrap: true, cell: (v) => (v.rules.length === 0 ? '' : v.rules.join(', ')) },
            { key: 'now', head: t('builds.stands-now'), spare: true, cell: (v) => (v.supersededBy === null ? t('builds.yes') : t('builds.superseded')) },
          ]}
        />
      </Section>
      {r.products.length === 0 ? null : (
        <Section title={t('builds.products')}>
          <RowTable
            label={t('builds.products')} rows={r.products} rowKey={(p) => `${p.name} ${p.sha256}`}
            columns={[
              { key: 'name', head: t('builds.file'), wrap: true, cell: (p) => <code>{p.name}</code> },
              { key: 'digest', head: t('builds.digest'), cell: (p) => <Hash value={p.sha256} keep={12} /> },
            ]}
          />
        </Section>
      )}
      <Section title={t('builds.log')}>{r.hasLog ? <Log rebuild={r.id} /> : <p className="e-faint">{t('builds.no-log')}</p>}</Section>
    </>
  );
}

function Log({ rebuild }: { readonly rebuild: string }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return open ? <LogText rebuild={rebuild} /> : <Button variant="default" onClick={() => setOpen(true)}>{t('builds.show-log')}</Button>;
}

function LogText({ rebuild }: { readonly rebuild: string }) {
  const { t } = useWords();
  const asked = useAsk(buildsApi['rebuilds.log'], { rebuild });
  return (
    <Answer of={asked} skeleton={<Block height={160} />}>
      {({ text, cut }) => <Code label={cut ? t('builds.log-end') : t('builds.log')} text={text} />}
    </Answer>
  );
}
