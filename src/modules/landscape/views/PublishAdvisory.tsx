/** A new advisory: which systems it speaks of is shown out of the rows before anybody is told. */
import { Button, Checkbox, Group, NativeSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { InputOf } from '#kit/endpoint';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { Severity } from '../model.ts';
import { Sentence, systemColumns } from './ExposureAdvisory.tsx';

const severities = Severity.exclude(['unknown']);
interface Product { readonly product: string; readonly from: string; readonly before: string }
const noProduct: Product = { product: '', from: '', before: '' };
const empty = {
  title: '', severity: 'high', source: '', daysBack: 30, cves: [] as string[], reports: [] as string[], types: [] as string[], families: [] as string[],
  products: [noProduct] as readonly Product[], cve: true,
};
type Typed = typeof empty;

function inputOf(typed: Typed): InputOf<typeof landscapeApi.publishAdvisory> {
  const products = typed.products.filter((p) => p.product.trim() !== '')
    .map((p) => ({ product: p.product, from: p.from.trim() || null, before: p.before.trim() || null }));
  return {
    title: typed.title, severity: severities.parse(typed.severity), source: typed.source, daysBack: typed.daysBack, cves: typed.cves,
    match: { reports: typed.reports, types: typed.types, families: typed.families, products, cve: typed.cve },
  };
}

export function PublishAdvisory() {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState(empty);
  const preview = useAct(landscapeApi.previewAdvisory);
  const publish = useAct(landscapeApi.publishAdvisory);
  const set = (patch: Partial<Typed>) => {
    setTyped({ ...typed, ...patch });
    preview.reset();
  };
  const why = typed.title.trim().length < 3 || !URL.canParse(typed.source) ? t('publish-advisory.why') : null;
  return (
    <Page title={t('nav.advisory-publish')} description={t('publish-advisory.text')} above={<Link to="/exposure-advisories">{t('nav.advisories')}</Link>}>
      <Section>
        <Form
          act={t('publish-advisory.act')} busy={publish.isPending} error={publish.error ?? preview.error} why={why}
          onAct={() => publish.mutate(inputOf(typed), { onSuccess: ({ advisory }) => go(`/exposure-advisories/${advisory.id}`) })}
          aside={(
            <Button variant="default" loading={preview.isPending} disabled={why !== null} onClick={() => preview.mutate(inputOf(typed))}>
              {t('publish-advisory.preview')}
            </Button>
          )}
        >
          <TextInput label={t('advisories.title')} value={typed.title} onChange={(e) => set({ title: e.currentTarget.value })} required />
          <NativeSelect
            label={t('advisories.severity')} value={typed.severity} onChange={(e) => set({ severity: e.currentTarget.value })}
            data={severities.options.map((value) => ({ value, label: t(`severity.${value}`) }))}
          />
          <TextInput
            type="url" label={t('advisories.source')} value={typed.source} required placeholder="https://"
            onChange={(e) => set({ source: e.currentTarget.value })}
          />
          <TagsInput
            label={t('advisories.cves')} description={t('publish-advisory.cves-how')} value={typed.cves}
            onChange={(cves) => set({ cves: cves.map((cve) => cve.toUpperCase()) })}
          />
          <Checkbox
            label={t('publish-advisory.by-cve')} checked={typed.cve} disabled={typed.cves.length === 0}
            onChange={(e) => set({ cve: e.currentTarget.checked })}
          />
          <Products of={typed.products} onChange={(products) => set({ products })} />
          <TagsInput
            label={t('publish-advisory.reports')} description={t('publish-advisory.reports-how')} value={typed.reports}
            onChange={(reports) => set({ reports })}
          />
          <TagsInput label={t('publish-advisory.types')} value={typed.types} onChange={(types) => set({ types })} />
          <TagsInput label={t('publish-advisory.families')} value={typed.families} onChange={(families) => set({ families })} />
          <NumberInput
            label={t('advisories.days-back')} description={t('publish-advisory.days-how')} min={1} max={366} value={typed.daysBack}
            onChange={(value) => set({ daysBack: Number(value) || 30 })}
          />
        </Form>
      </Section>
      {preview.data ? <Preview of={preview.data} /> : null}
    </Page>
  );
}

function Products({ of, onChange }: { readonly of: readonly Product[]; readonly onChange: (products: readonly Product[]) => void }) {
  const { t } = useWords();
  const change = (at: number, patch: Partial<Product>) => onChange(of.map((p, i) => (i === at ? { ...p, ...patch } : p)));
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <legend className="e-small">{t('publish-advisory.products')}</legend>
      <p className="e-small e-quiet" style={{ margin: '0 0 8px' }}>{t('publish-advisory.products-how')}</p>
      {of.map((p, i) => (
        <Group key={i} gap={8} align="end" mb={8}>
          <TextInput
            style={{ flex: '2 1 140px' }} label={t('publish-advisory.product')} value={p.product}
            onChange={(e) => change(i, { product: e.currentTarget.value })}
          />
          <TextInput
            style={{ flex: '1 1 80px' }} label={t('publish-advisory.from')} value={p.from} onChange={(e) => change(i, { from: e.currentTarget.value })}
          />
          <TextInput
            style={{ flex: '1 1 80px' }} label={t('publish-advisory.before')} value={p.before}
            onChange={(e) => change(i, { before: e.currentTarget.value })}
          />
          {of.length > 1 ? (
            <Button
              variant="subtle" size="sm" px={8} aria-label={t('publish-advisory.remove-product', { product: p.product || String(i + 1) })}
              onClick={() => onChange(of.filter((_, at) => at !== i))}
            >
              <IconX size={16} aria-hidden />
            </Button>
          ) : null}
        </Group>
      ))}
      <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...of, noProduct])}>
        {t('publish-advisory.add-product')}
      </Button>
    </fieldset>
  );
}

interface PreviewProps {
  readonly of: NonNullable<ReturnType<typeof useAct<typeof landscapeApi.previewAdvisory>>['data']>;
}

function Preview({ of: { counts, items } }: PreviewProps) {
  const words = useWords();
  const { t } = words;
  return (
    <Section title={t('publish-advisory.would')} note={t('publish-advisory.would-note')}>
      <Sentence of={counts} />
      <RowTable
        label={t('publish-advisory.would')} rows={items} rowKey={(s) => `${s.asset} ${s.port} ${s.owner}`} columns={systemColumns(words, true)}
        empty={<EmptyState title={t('advisories.no-systems')} how={t('advisories.no-systems-how')} />}
      />
    </Section>
  );
}
