/** Begins to share: who would see what, and why, stands there before anything is shown to anybody. */
import { Button, Checkbox, MultiSelect, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { InputOf, OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../../agreements/api.ts';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import { Ceiling } from '../model/exchange.ts';
import { choicesOf } from './partners.ts';
import { shownTypes, typeWords } from './words.ts';

const blank = { agreement: '', title: '', alias: '', ceiling: 'GREEN' as Ceiling, types: [] as string[], accepts: false };
type Typed = typeof blank;
type Open = (typeof exchangeApi)['collections.open'];

const inputOf = (typed: Typed, agreement: string): InputOf<Open> => ({
  agreement, title: typed.title.trim(), alias: typed.alias.trim() || null, ceiling: typed.ceiling, types: typed.types.length > 0 ? typed.types : null,
  accepts: typed.accepts,
});

export function OpenCollection() {
  const words = useWords();
  const { t } = words;
  const go = useGo();
  const own = useReader().organisation;
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const [typed, setTyped] = useState(blank);
  const preview = useAct(exchangeApi['collections.preview']);
  const open = useAct(exchangeApi['collections.open']);
  const set = (patch: Partial<Typed>) => {
    setTyped({ ...typed, ...patch });
    preview.reset();
  };
  return (
    <Page title={t('nav.collection-open')} description={t('open-collection.text')} above={<Link to="/collections">{t('nav.collections')}</Link>}>
      <Answer of={agreements}>
        {({ agreements: all }) => {
          const active = all.filter((a) => a.status === 'active');
          const agreement = typed.agreement || active[0]?.id || '';
          const why = typed.title.trim() === '' ? t('open-collection.why') : null;
          const asked = inputOf(typed, agreement);
          if (active.length === 0) return <Section><EmptyState title={t('open-collection.none')} how={t('open-collection.none-how')} /></Section>;
          return (
            <Section>
              <Form
                act={t('open-collection.act')} busy={open.isPending} error={open.error ?? preview.error} why={why}
                onAct={() => open.mutate(asked, { onSuccess: () => go('/collections') })}
                aside={(
                  <Button
                    variant="default" loading={preview.isPending}
                    onClick={() => preview.mutate({ agreement: asked.agreement, ceiling: asked.ceiling, types: asked.types ?? null })}
                  >
                    {t('open-collection.preview')}
                  </Button>
                )}
              >
                <NativeSelect
                  label={t('open-collection.agreement')} value={agreement} onChange={(e) => set({ agreement: e.currentTarget.value })}
                  data={choicesOf(active, own)}
                />
                <TextInput
                  label={t('collections.title')} value={typed.title} maxLength={120} required
                  onChange={(e) => set({ title: e.currentTarget.value })} />
                <TextInput
                  label={t('open-collection.alias')} description={t('open-collection.alias-how')} value={typed.alias} maxLength={60} placeholder="indicators"
                  onChange={(e) => set({ alias: e.currentTarget.value.toLowerCase() })}
                />
                <NativeSelect
                  label={t('collections.ceiling')} description={t('open-collection.ceiling-how')} value={typed.ceiling}
                  onChange={(e) => set({ ceiling: Ceiling.parse(e.currentTarget.value) })} data={Ceiling.options.map((l) => ({ value: l,
                    label: `TLP:${l}` }))}
                />
                <MultiSelect
                  label={t('open-collection.types')} description={t('open-collection.types-how')} value={typed.types} onChange={(types) => set({ types })}
                  data={shownTypes.map((value) => ({ value, label: typeWords(words, value) }))} searchable
                />
                <Checkbox label={t('open-collection.accepts')} checked={typed.accepts} onChange={(e) => set({ accepts: e.currentTarget.checked })} />
              </Form>
            </Section>
          );
        }}
      </Answer>
      {preview.data ? <Preview of={preview.data} /> : null}
    </Page>
  );
}

function Preview({ of }: { readonly of: OutputOf<(typeof exchangeApi)['collections.preview']> }) {
  const words = useWords();
  const { t, number } = words;
  const said = of.allowed
    ? t('open-collection.would', { partner: of.partnerName, count: number(of.shared), held: number(of.heldBack) })
    : t('open-collection.would-not', { partner: of.partnerName });
  return (
    <Section title={t('open-collection.who')}>
      <p style={{ margin: '0 0 8px' }}>
        <Mark is={of.allowed ? 'good' : 'danger'}>{said}</Mark>
      </p>
      <p className="e-small e-faint">
        {of.allowed ? of.clauses.map((c) => `${c.agreementTitle}, ${c.clause}`).join('; ') : of.refusal}
      </p>
      <RowTable
        label={t('open-collection.who')} rows={of.parts} rowKey={(p) => `${p.type} ${p.tlp} ${String(p.shared)}`}
        empty={<EmptyState title={t('threats.empty')} how={t('threats.empty-how')} />}
        columns={[
          { key: 'type', head: t('threats.type'), cell: (p) => typeWords(words, p.type), sort: (p) => p.type },
          { key: 'tlp', head: t('threats.tlp'), cell: (p) => <TlpLabel label={p.tlp} />, sort: (p) => p.tlp },
          { key: 'objects', head: t('collections.objects'), right: true, cell: (p) => number(p.objects), sort: (p) => p.objects },
          {
            key: 'shared', head: t('open-collection.shared'), sort: (p) => String(p.shared),
            cell: (p) => <Mark is={p.shared && of.allowed ? 'good' : 'none'}>{t(p.shared && of.allowed
              ? 'open-collection.yes' : 'open-collection.no')}</Mark>,
          },
        ]}
      />
    </Section>
  );
}
