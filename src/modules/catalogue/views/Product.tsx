/** One product: how far one's review is, and its releases as a chain, the newest first. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Lines, Page, Particulars, Section } from '#ui/Page';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { artefactKinds, type Release } from '../model.ts';
import { BadgeMark, ReleaseMark } from './marks.tsx';

type View = OutputOf<(typeof catalogueApi)['products.view']>;

export function Product() {
  const { t } = useWords();
  const id = usePathParameter('product');
  const asked = useAsk(catalogueApi['products.view'], { product: id });
  return (
    <Page title={asked.data?.product.name ?? t('catalogue.product')} above={<Link to="/products">{t('nav.products')}</Link>}>
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

const meaning = (r: Release) => (r.state === 'withdrawn' ? 'danger' : r.state === 'prepared' ? 'wait' : 'good') as 'danger' | 'wait' | 'good';

function Shown({ product, releases, reviews, mayChange }: View) {
  const { t, tongue, number } = useWords();
  const { badge } = product;
  const summary = tongue === 'vi' && product.summaryVi !== '' ? product.summaryVi : product.summary;
  const kindsOf = (kinds: Readonly<Record<string, number>>): string =>
    artefactKinds.filter((k) => (kinds[k] ?? 0) > 0)
      .map((k) => `${t(`catalogue.kind-${k}`)}${(kinds[k] ?? 0) > 1 ? ` ×${number(kinds[k] ?? 0)}` : ''}`).join(', ');
  return (
    <>
      <Section>
        {summary === '' ? null : <p>{summary}</p>}
        <Particulars
          items={[
            [t('catalogue.owner'), product.ownerName],
            ...badge === null ? [] : [
              [t('catalogue.review'), <BadgeMark key="badge" badge={badge} />] as const,
              ...badge.reviewed === null || badge.at === null ? []
                : [[t('catalogue.reviewed'), <span key="at">{badge.reviewed}, <Time at={badge.at} /></span>] as const],
              [t('catalogue.equivalence'), t(`catalogue.equivalence-${badge.equivalence}`)] as const,
            ],
            ...reviews.map((r) => [t('catalogue.reviewed-by', { name: r.name }), <span key={r.org}>{r.version}, <Time at={r.at} /></span>] as const),
          ]}
        />
      </Section>
      <Section title={t('catalogue.releases')}>
        {releases.length === 0 ? <EmptyState title={t('catalogue.no-release')} how={t('catalogue.no-release-how')} /> : (
          <Timeline
            label={t('catalogue.releases')}
            steps={releases.map((r) => ({
              key: r.id, is: meaning(r), at: r.withdrawnAt ?? r.publishedAt ?? r.createdAt,
              title: <><Link to={`/releases/${r.id}`}>{[r.version, r.title].filter((s) => s !== '').join(' · ')}</Link> <ReleaseMark release={r} /></>,
              by: r.withdrawnWhy ?? kindsOf(r.kinds),
            }))}
          />
        )}
      </Section>
      {mayChange ? <Prepare product={product.id} /> : null}
    </>
  );
}

function Prepare({ product }: { readonly product: string }) {
  const { t } = useWords();
  const go = useGo();
  const [version, setVersion] = useState('');
  const [title, setTitle] = useState('');
  const [until, setUntil] = useState('');
  const prepare = useAct(catalogueApi['releases.prepare']);
  return (
    <Section title={t('catalogue.prepare')} note={t('catalogue.prepare-text')}>
      <Form
        act={t('catalogue.prepare')} busy={prepare.isPending} error={prepare.error} why={version.trim() === '' ? t('catalogue.missing-version') : null}
        onAct={() => prepare.mutate({ product, version, title, ...until === '' ? {} : { embargoUntil: new Date(until).toISOString() } },
          { onSuccess: ({ release }) => go(`/releases/${release.id}`) })}
      >
        <TextInput label={t('catalogue.version')} value={version} maxLength={80} onChange={(e) => setVersion(e.currentTarget.value)} />
        <TextInput label={t('catalogue.title')} value={title} maxLength={200} onChange={(e) => setTitle(e.currentTarget.value)} />
        <TextInput type="datetime-local" label={t('catalogue.embargo')} description={t('catalogue.embargo-how')} value={until}
          onChange={(e) => setUntil(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
