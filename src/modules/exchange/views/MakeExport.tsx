/** Begins an export: what goes in, in which form, and before anything is kept how it would look and what it would leave out, and why. */
import { Button, MultiSelect, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { exportForms, type ExportForm } from '#kit/export/export';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useGo, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import { exportsApi } from '../api/exports.ts';
import { Ceiling } from '../model/exchange.ts';
import type { Selection } from '../model/exports.ts';
import { guardWords, LeftOut } from './LeftOut.tsx';

/** Kinds that blocking and watching tools take. */
const kinds = ['domain', 'ipv4', 'ipv6', 'prefix', 'url', 'email', 'md5', 'sha1', 'sha256', 'sha512'] as const;
const blank = { title: '', form: 'rpz' as ExportForm, words: '', kinds: [] as Selection['kinds'] & object, ceiling: 'GREEN' as Ceiling, hours: 24,
  most: 50_000, swing: 50 };
type Typed = typeof blank;

const chosenOf = ({ title: _, ...typed }: Typed, collection: string): Selection => ({
  ...typed, words: typed.words.trim(), collection: collection || null, type: null, kinds: typed.kinds.length > 0 ? typed.kinds : null,
});

export function MakeExport() {
  const { t } = useWords();
  const go = useGo();
  const [url, setUrl] = useUrlState();
  const collection = url['collection'] ?? '';
  const [typed, setTyped] = useState(blank);
  const collections = useAsk(exchangeApi['collections.list'], {});
  const preview = useAct(exportsApi['exports.preview']);
  const open = useAct(exportsApi['exports.open']);
  const set = (patch: Partial<Typed>) => {
    setTyped({ ...typed, ...patch });
    preview.reset();
  };
  const asked = chosenOf(typed, collection);
  const why = typed.title.trim() === '' ? t('exports.make-why') : null;
  return (
    <Page title={t('nav.export-make')} description={t('exports.make-text')} above={<Link to="/exports">{t('nav.exports')}</Link>}>
      <Section>
        <Answer of={collections}>
          {({ own, shared }) => (
            <Form
              act={t('exports.make')} busy={open.isPending} error={open.error ?? preview.error} why={why}
              onAct={() => open.mutate({ ...asked, title: typed.title.trim() }, { onSuccess: ({ export: made }) => go(`/exports/${made.id}`) })}
              aside={(
                <Button variant="default" loading={preview.isPending} onClick={() => preview.mutate({ ...asked, title: typed.title.trim() })}>
                  {t('exports.preview')}
                </Button>
              )}
            >
              <TextInput label={t('exports.title')} value={typed.title} maxLength={120} required onChange={(e) => set({ title: e.currentTarget.value })} />
              <NativeSelect
                label={t('exports.form')} value={typed.form} onChange={(e) => set({ form: e.currentTarget.value as ExportForm })}
                data={exportForms.map((value) => ({ value, label: t(`export-form.${value}`) }))}
              />
              <NativeSelect
                label={t('exports.collection')} value={collection}
                onChange={(e) => {
                  setUrl({ collection: e.currentTarget.value });
                  preview.reset();
                }}
                data={[{ value: '', label: t('exports.all') }, ...[...own, ...shared].filter((c) => c.access.read && c.kind !== 'eyes').map((c) => ({
                  value: c.id, label: c.kind === 'shared' ? `${c.title} (${c.partnerName ?? c.ownerName})` : t(`collections.${c.kind}`),
                }))]}
              />
              <TextInput
                label={t('exports.words')} description={t('exports.words-how')} value={typed.words} maxLength={200}
                onChange={(e) => set({ words: e.currentTarget.value })} />
              <MultiSelect
                label={t('exports.kinds')} description={t('exports.kinds-how')} value={typed.kinds}
                onChange={(chosen) => set({ kinds: kinds.filter((k) => chosen.includes(k)) })}
                data={kinds.map((value) => ({ value, label: t(`value-kind.${value}`) }))}
              />
              <NativeSelect
                label={t('exports.ceiling')} description={t('exports.ceiling-how')} value={typed.ceiling}
                onChange={(e) => set({ ceiling: Ceiling.parse(e.currentTarget.value) })} data={Ceiling.options.map((l) => ({ value: l, label: `TLP:${l}` }))}
              />
              <Limits typed={typed} set={set} />
            </Form>
          )}
        </Answer>
      </Section>
      {preview.data ? <Preview of={preview.data} /> : null}
    </Page>
  );
}

function Limits({ typed, set }: { readonly typed: Typed; readonly set: (patch: Partial<Typed>) => void }) {
  const { t } = useWords();
  const whole = (value: string | number, least: number): number => Math.max(least, Math.round(Number(value)) || least);
  return (
    <>
      <NumberInput
        label={t('exports.hours')} description={t('exports.hours-how')} value={typed.hours} min={1} max={720} allowDecimal={false}
        onChange={(v) => set({ hours: whole(v, 1) })} />
      <NumberInput
        label={t('exports.most')} value={typed.most} min={1} max={200_000} allowDecimal={false} onChange={(v) => set({ most: whole(v, 1) })} />
      <NumberInput
        label={t('exports.swing')} value={typed.swing} min={1} max={1_000} allowDecimal={false} onChange={(v) => set({ swing: whole(v, 1) })} />
    </>
  );
}

function Preview({ of }: { readonly of: OutputOf<(typeof exportsApi)['exports.preview']> }) {
  const { t, number } = useWords();
  return (
    <>
      <Section title={t('exports.preview')}>
        <p style={{ margin: '0 0 8px' }}>
          <Mark is={of.count > 0 ? 'good' : 'warn'}>{t('exports.would', { count: number(of.count), tlp: of.tlp })}</Mark>
        </p>
        <p className="e-small e-faint">{t('exports.expires')}: <Time at={of.endsAt} /></p>
        <Code label={t('exports.beginning')} text={of.beginning + (of.whole ? '' : '\n…')} />
      </Section>
      <Section title={t('exports.left-out')} note={t('exports.left-out-note')}>
        <LeftOut of={of.leftOut} />
      </Section>
      {of.some.length === 0 ? null : (
        <Section title={t('exports.some')}>
          <RowTable
            label={t('exports.some')} rows={of.some.map((s, at) => ({ ...s, at }))} rowKey={(s) =>
              String(s.at)} empty={<EmptyState title={t('exports.left-none')} />}
            columns={[
              { key: 'what', head: t('exports.what'), wrap: true, cell: (s) => <span className="e-mono">{s.what}</span> },
              { key: 'reason', head: t('exports.reason'), wrap: true, cell: (s) => t(`export-reason.${s.reason}`) },
              { key: 'by', head: t('exports.by'), wrap: true, spare: true, cell: (s) => guardWords(t, s.by) },
            ]}
          />
        </Section>
      )}
    </>
  );
}
