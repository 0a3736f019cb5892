/** Drafts an agreement from a template: with whom, which parts, which products, from when until when. */
import { Checkbox, NativeSelect, Stack, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { ownZone } from '#ui/Time';
import { useReader } from '#ui/reader';
import { ButtonLink, Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { partiesApi } from '#modules/parties/api';
import { agreementsApi } from '../api.ts';

type Templates = OutputOf<(typeof agreementsApi)['agreements.templates']>['templates'];

export function Draft() {
  const { t } = useWords();
  const templates = useAsk(agreementsApi['agreements.templates'], {});
  return (
    <Page title={t('nav.draft')} description={t('draft.text')} above={<Link to="/agreements">{t('nav.agreements')}</Link>}>
      <Answer of={templates}>{(a) => <Drafting templates={a.templates} />}</Answer>
    </Page>
  );
}

function Drafting({ templates }: { readonly templates: Templates }) {
  const { t, own } = useWords();
  const reader = useReader();
  const go = useGo();
  const parties = useAsk(partiesApi['organisations.list'], {});
  const others = (parties.data?.organisations ?? []).filter((o) => o.id !== reader.organisation);
  const draft = useAct(agreementsApi['agreements.draft']);
  const zone = ownZone();
  const [typed, setTyped] = useState({
    template: templates[0]?.name ?? 'mou', counterpart: '', effectiveOn: '', expiresOn: '', zone,
    left: [] as readonly string[], products: [] as string[],
  });
  const set = (patch: Partial<typeof typed>) => setTyped({ ...typed, ...patch });
  const template = templates.find((x) => x.name === typed.template);
  const counterpart = typed.counterpart || others[0]?.id || '';
  const parts = (template?.parts ?? []).map((p) => p.id).filter((p) => !typed.left.includes(p));
  const why = typed.effectiveOn === '' || typed.expiresOn === '' ? t('draft.why-days')
    : parts.length === 0 ? t('draft.why-parts') : null;
  if (parties.data && others.length === 0) {
    return (
      <EmptyState
        title={t('draft.nobody')} how={t('draft.nobody-how')}
        act={<ButtonLink to="/organisations" variant="default">{t('nav.organisations')}</ButtonLink>}
      />
    );
  }
  const act = () => draft.mutate({
    template: typed.template, counterpart, parts, products: typed.products, effectiveOn: typed.effectiveOn,
    expiresOn: typed.expiresOn, zone: typed.zone,
  }, { onSuccess: (agreed) => go(`/agreements/${agreed.id}`) });
  return (
    <Section>
      <Form act={t('draft.act')} onAct={act} busy={draft.isPending} error={draft.error} why={why}>
        <NativeSelect
          label={t('draft.template')} value={typed.template}
          description={template ? own(template.summary, template.summaryVi) : ''}
          data={templates.map((x) => ({ value: x.name, label: own(x.title, x.titleVi) }))}
          onChange={(e) => {
            const found = templates.find((x) => x.name === e.currentTarget.value);
            if (found) set({ template: found.name, left: [] });
          }}
        />
        <NativeSelect
          label={t('agreement.with')} value={counterpart} onChange={(e) => set({ counterpart: e.currentTarget.value })}
          data={others.map((o) => ({ value: o.id, label: own(o.name, o.nameLocal) }))}
        />
        <Parts of={template} kept={parts} onKeep={(left) => set({ left })} />
        <TagsInput
          label={t('agreement.products')} description={t('draft.products-how')} value={typed.products}
          onChange={(products) => set({ products })}
        />
        <TextInput
          type="date" label={t('draft.effective')} value={typed.effectiveOn} required
          onChange={(e) => set({ effectiveOn: e.currentTarget.value })}
        />
        <TextInput
          type="date" label={t('draft.expires')} description={t('draft.expires-how')} value={typed.expiresOn} required
          onChange={(e) => set({ expiresOn: e.currentTarget.value })}
        />
        <TextInput
          label={t('draft.zone')} value={typed.zone} onChange={(e) => set({ zone: e.currentTarget.value })} required
        />
      </Form>
    </Section>
  );
}

interface PartsProps {
  readonly of: Templates[number] | undefined;
  readonly kept: readonly string[];
  /** With the parts that are left out. */
  readonly onKeep: (left: readonly string[]) => void;
}

function Parts({ of, kept, onKeep }: PartsProps) {
  const { t, own } = useWords();
  const parts = of?.parts ?? [];
  return (
    <Checkbox.Group
      label={t(`parts.${of?.partNoun ?? 'pillar'}`)} value={[...kept]}
      onChange={(now) => onKeep(parts.map((p) => p.id).filter((p) => !now.includes(p)))}
    >
      <Stack gap={8} mt={6}>
        {parts.map((p) => (
          <Checkbox key={p.id} value={p.id} label={own(p.title, p.titleVi)} description={own(p.summary, p.summaryVi)} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
