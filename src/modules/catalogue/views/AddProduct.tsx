/** Puts a product of one's own into the catalogue. */
import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';

export function AddProduct() {
  const { t } = useWords();
  const go = useGo();
  const [name, setName] = useState('');
  const [summary, setSummary] = useState('');
  const [summaryVi, setSummaryVi] = useState('');
  const [open, setOpen] = useState(false);
  const create = useAct(catalogueApi['products.create']);
  return (
    <Page title={t('nav.product-add')} description={t('catalogue.add-text')} above={<Link to="/products">{t('nav.products')}</Link>}>
      <Section>
        <Form
          act={t('catalogue.add')} busy={create.isPending} error={create.error} why={name.trim() === '' ? t('catalogue.missing-name') : null}
          onAct={() => create.mutate({ name, summary, summaryVi, open }, { onSuccess: ({ product }) => go(`/products/${product.id}`) })}
        >
          <TextInput label={t('catalogue.name')} description={t('catalogue.name-how')} value={name} maxLength={200}
            onChange={(e) => setName(e.currentTarget.value)} />
          <Textarea label={t('catalogue.summary')} value={summary} maxLength={2_000} autosize minRows={2} onChange={(e) => setSummary(e.currentTarget.value)} />
          <Textarea label={t('catalogue.summary-vi')} value={summaryVi} maxLength={2_000} autosize minRows={2}
            onChange={(e) => setSummaryVi(e.currentTarget.value)} />
          <Checkbox label={t('catalogue.open')} description={t('catalogue.open-how')} checked={open} onChange={(e) => setOpen(e.currentTarget.checked)} />
        </Form>
      </Section>
    </Page>
  );
}
