/** One release: what it is made of by kind, with digests; its steward adds, publishes and withdraws here. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Answer, Lines, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { artefactKinds } from '../model.ts';
import { AddToRelease } from './AddToRelease.tsx';
import { AccessMark, BadgeMark, ReleaseMark, useSize } from './marks.tsx';

type View = OutputOf<(typeof catalogueApi)['releases.view']>;

export function Release() {
  const { t } = useWords();
  const id = usePathParameter('release');
  const asked = useAsk(catalogueApi['releases.view'], { release: id });
  const { product, release } = asked.data ?? {};
  return (
    <Page
      title={product && release ? `${product.name} ${release.version}` : t('catalogue.release')}
      above={product ? <Link to={`/products/${product.id}`}>{product.name}</Link> : null}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

function Shown({ product, release, artefacts, mayChange }: View) {
  const { t } = useWords();
  const { badge } = product;
  const built = release.state === 'published' && artefacts.some((a) => a.kind === 'binary' || a.kind === 'update');
  const since = badge?.reviewedRelease && badge.reviewedRelease !== release.id ? badge.reviewedRelease : null;
  return (
    <>
      <Section
        aside={(
          <>
            {built ? <ButtonLink to={`/releases/${release.id}/rebuilds`}>{t('catalogue.rebuilds')}</ButtonLink> : null}
            {since ? (
              <ButtonLink to={`/releases/${release.id}/changes?since=${since}`}>{t('catalogue.changes-since', { version: badge?.reviewed })}</ButtonLink>
            ) : null}
          </>
        )}
      >
        <Particulars
          items={[
            [t('catalogue.state'), <ReleaseMark key="state" release={release} />],
            ...release.title === '' ? [] : [[t('catalogue.title'), release.title] as const],
            ...release.publishedAt === null ? [] : [[t('catalogue.published'), <Time key="at" at={release.publishedAt} />] as const],
            ...release.embargoUntil === null ? [] : [[t('catalogue.embargo'), <Time key="until" at={release.embargoUntil} />] as const],
            ...release.manifest === null ? [] : [[t('catalogue.manifest'), <Hash key="manifest" value={release.manifest} />] as const],
            ...release.withdrawnWhy === null ? [] : [[t('catalogue.withdrawn-why'), release.withdrawnWhy] as const],
            ...badge === null ? [] : [[t('catalogue.review'), <BadgeMark key="badge" badge={badge} />] as const],
          ]}
        />
      </Section>
      <Artefacts artefacts={artefacts} />
      {mayChange && release.state !== 'withdrawn' ? <AddToRelease release={release} /> : null}
      {mayChange && release.state === 'prepared' && artefacts.length > 0 ? <Publish release={release.id} /> : null}
      {mayChange && release.state === 'published' ? <Withdraw release={release.id} /> : null}
    </>
  );
}

function Artefacts({ artefacts }: Pick<View, 'artefacts'>) {
  const { t, number } = useWords();
  const size = useSize();
  const rows = [...artefacts].sort((a, b) => artefactKinds.indexOf(a.kind) - artefactKinds.indexOf(b.kind));
  return (
    <Section title={t('catalogue.parts')}>
      {rows.length === 0 ? <EmptyState title={t('catalogue.no-part')} how={t('catalogue.no-part-how')} /> : (
        <RowTable
          label={t('catalogue.parts')} rows={rows} rowKey={(a) => a.id} to={(a) => `/artefacts/${a.id}`}
          columns={[
            { key: 'kind', head: t('catalogue.kind'), sort: (a) => artefactKinds.indexOf(a.kind), cell: (a) => t(`catalogue.kind-${a.kind}`) },
            { key: 'name', head: t('catalogue.part'), wrap: true, sort: (a) => a.name, cell: (a) => <Link to={`/artefacts/${a.id}`}>{a.name}</Link> },
            { key: 'size', head: t('catalogue.size'), right: true, spare: true, sort: (a) => a.snapshot?.bytes ?? a.size,
              cell: (a) => (a.snapshot ? t('catalogue.files-size', { files: number(a.snapshot.files), size: size(a.snapshot.bytes) }) : size(a.size)) },
            { key: 'access', head: t('catalogue.access'), cell: (a) => <AccessMark artefact={a} />, sort: (a) => a.access },
            { key: 'tlp', head: t('catalogue.label'), spare: true, cell: (a) => <TlpLabel label={a.tlp} /> },
            { key: 'digest', head: t('catalogue.digest'), spare: true, cell: (a) => <Hash value={a.snapshot?.root ?? a.sha256} /> },
          ]}
        />
      )}
    </Section>
  );
}

function Publish({ release }: { readonly release: string }) {
  const { t } = useWords();
  const publish = useAct(catalogueApi['releases.publish']);
  return (
    <Section title={t('catalogue.publish')} note={t('catalogue.publish-text')}>
      {publish.error ? <ProblemNote error={publish.error} /> : null}
      <Button loading={publish.isPending} onClick={() => publish.mutate({ release })}>{t('catalogue.publish')}</Button>
    </Section>
  );
}

function Withdraw({ release }: { readonly release: string }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const withdraw = useAct(catalogueApi['releases.withdraw']);
  return (
    <Section title={t('catalogue.withdraw')} note={t('catalogue.withdraw-text')}>
      <Form act={t('catalogue.withdraw')} busy={withdraw.isPending} error={withdraw.error} why={reason.trim() === '' ? t('catalogue.missing-reason') : null}
        onAct={() => withdraw.mutate({ release, reason })}>
        <TextInput label={t('catalogue.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
