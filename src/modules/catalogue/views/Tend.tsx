/** What a steward does with one artefact: links it, sees who holds copies of a document, withdraws it. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { relations, type Artefact } from '../model.ts';

export function Tend({ of }: { readonly of: Artefact }) {
  return (
    <>
      {of.kind === 'document' ? <Readers artefact={of.id} /> : null}
      {of.withdrawnAt === null ? <><LinkForm artefact={of} /><Withdraw artefact={of.id} /></> : null}
    </>
  );
}

function Readers({ artefact }: { readonly artefact: string }) {
  const { t, number } = useWords();
  const items = useAsk(catalogueApi['documents.readers'], { artefact }, { keep: true }).data?.items ?? [];
  return (
    <Section title={t('catalogue.readers')} note={t('catalogue.readers-text')}>
      {items.length === 0 ? <EmptyState title={t('catalogue.no-reader')} how={t('catalogue.no-reader-how')} /> : (
        <RowTable
          label={t('catalogue.readers')} rows={items} rowKey={(c) => c.mark}
          columns={[
            { key: 'org', head: t('catalogue.reader'), wrap: true, sort: (c) => c.name, cell: (c) => c.name },
            { key: 'mark', head: t('catalogue.mark'), wrap: true, spare: true, cell: (c) => <code>{c.mark}</code> },
            { key: 'opens', head: t('catalogue.times'), right: true, spare: true, sort: (c) => c.opens, cell: (c) => number(c.opens) },
            { key: 'last', head: t('catalogue.opened'), sort: (c) => c.lastAt, cell: (c) => <Time at={c.lastAt} /> },
            { key: 'seen', head: t('catalogue.knows'), cell: (c) => (c.seenAt ? <Time at={c.seenAt} /> : c.toldAt ? t('catalogue.told') : '') },
          ]}
        />
      )}
    </Section>
  );
}

function LinkForm({ artefact }: { readonly artefact: Artefact }) {
  const { t } = useWords();
  const [item, setItem] = useState('');
  const [relation, setRelation] = useState<(typeof relations)[number]>('source');
  const [target, setTarget] = useState('');
  const [value, setValue] = useState('');
  const link = useAct(catalogueApi['artefacts.link']);
  const others = (useAsk(catalogueApi['releases.view'], { release: artefact.release }).data?.artefacts ?? []).filter((a) => a.id !== artefact.id);
  return (
    <Section title={t('catalogue.link')} note={t('catalogue.links-text')}>
      <Form
        act={t('catalogue.link')} busy={link.isPending} error={link.error} why={target === '' && value.trim() === '' ? t('catalogue.missing-link') : null}
        onAct={() => link.mutate({ artefact: artefact.id, item, relation, value, ...target === '' ? {} : { target } })}
      >
        <TextInput label={t('catalogue.item')} description={t('catalogue.item-how')} value={item} maxLength={300}
          onChange={(e) => setItem(e.currentTarget.value)} />
        <NativeSelect label={t('catalogue.relation')} value={relation} onChange={(e) => setRelation(e.currentTarget.value as typeof relation)}
          data={relations.map((r) => ({ value: r, label: t(`catalogue.relation-${r}-to`) }))} />
        <NativeSelect label={t('catalogue.leads')} value={target} onChange={(e) => setTarget(e.currentTarget.value)}
          data={[{ value: '', label: t('catalogue.nothing-here') },
            ...others.map((a) => ({ value: a.id, label: `${t(`catalogue.kind-${a.kind}`)}: ${a.name}` }))]} />
        <TextInput label={t('catalogue.value')} description={t('catalogue.value-how')} value={value} maxLength={1_000}
          onChange={(e) => setValue(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}

function Withdraw({ artefact }: { readonly artefact: string }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const withdraw = useAct(catalogueApi['artefacts.withdraw']);
  return (
    <Section title={t('catalogue.withdraw')} note={t('catalogue.withdraw-part-text')}>
      <Form act={t('catalogue.withdraw')} busy={withdraw.isPending} error={withdraw.error} why={reason.trim() === '' ? t('catalogue.missing-reason') : null}
        onAct={() => withdraw.mutate({ artefact, reason })}>
        <TextInput label={t('catalogue.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
