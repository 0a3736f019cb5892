/** Asks a provider for a visit: which source, how deep, why, who comes with what, when, and how much may be shown. */
import { NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { catalogueApi } from '#modules/catalogue/api';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import { reviewLevels, visitModes } from '../model.ts';

export function AskVisit() {
  const { t } = useWords();
  const asked = useAsk(catalogueApi['products.list'], {});
  return (
    <Page title={t('nav.visit-ask')} description={t('centre.ask-text')} above={<Link to="/visits">{t('nav.visits')}</Link>}>
      <Answer of={asked} skeleton={<Block height={320} />}>
        {({ items }) => {
          const others = items.filter((p) => !p.mine && p.latest !== null);
          return others.length === 0
            ? <EmptyState title={t('centre.no-product')} how={t('centre.no-product-how')} /> : <Section><Which products={others} /></Section>;
        }}
      </Answer>
    </Page>
  );
}

function Which({ products }: { readonly products: readonly { readonly id: string; readonly name: string; readonly ownerName: string }[] }) {
  const { t } = useWords();
  const [product, setProduct] = useState(products[0]?.id ?? '');
  const releases = useAsk(catalogueApi['products.view'], { product });
  const published = releases.data?.releases.filter((r) => r.state === 'published') ?? [];
  const [chosen, setChosen] = useState('');
  const release = published.find((r) => r.id === chosen)?.id ?? published[0]?.id ?? '';
  const artefacts = useAsk(catalogueApi['releases.view'], { release }, { enabled: release !== '' });
  const source = artefacts.data?.artefacts.find((a) => a.snapshot !== null);
  return (
    <>
      <NativeSelect
        label={t('centre.product')} value={product} onChange={(e) => setProduct(e.currentTarget.value)}
        data={products.map((p) => ({ value: p.id, label: `${p.name} (${p.ownerName})` }))}
      />
      <NativeSelect
        label={t('centre.release')} value={release} onChange={(e) => setChosen(e.currentTarget.value)}
        data={published.map((r) => ({ value: r.id, label: r.version }))}
      />
      {source ? <Write key={source.id} artefact={source.id} onSite={source.access === 'on-site'
        || source.access === 'black'} /> : <p>{t('centre.no-source')}</p>}
    </>
  );
}

function Write({ artefact, onSite }: { readonly artefact: string; readonly onSite: boolean }) {
  const { t } = useWords();
  const go = useGo();
  const { person } = useReader();
  const [level, setLevel] = useState<(typeof reviewLevels)[number]>('red');
  const [mode, setMode] = useState<(typeof visitModes)[number]>(onSite ? 'on-site' : 'remote');
  const [goals, setGoals] = useState('');
  const [questions, setQuestions] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [tools, setTools] = useState('');
  const [perDay, setPerDay] = useState(0.5);
  const [inAll, setInAll] = useState(5);
  const ask = useAct(centreApi['visits.ask']);
  const brought = tools.split('\n').map((line) => /^([0-9a-f]{64})\s+(.+)$/.exec(line.trim())).flatMap((m) => (m ? [{ kind: 'tool' as const,
    name: m[2] ?? '', ref: m[1] ?? '' }] : []));
  const why = goals.trim() === '' ? t('centre.missing-goals') : from === '' || to === '' ? t('centre.missing-days') : null;
  return (
    <Form
      act={t('nav.visit-ask')} busy={ask.isPending} error={ask.error} why={why}
      onAct={() => ask.mutate({
        artefact, level, mode, goals: goals.trim(), questions: questions.split('\n').map((q) => q.trim()).filter((q) => q !== ''), from, to,
        shares: { perDay: Math.round(perDay * 100), inAll: Math.round(inAll * 100) },
        items: [{ kind: 'person', name: t('centre.myself'), ref: person ?? '' }, ...brought],
      }, { onSuccess: ({ visit }) => go(`/visits/${visit.id}`) })}
    >
      <NativeSelect
        label={t('centre.level')} description={t(`centre.level-how.${level}`)} value={level} onChange={(e) => setLevel(e.currentTarget.value as typeof level)}
        data={reviewLevels.map((value) => ({ value, label: t(`centre.level.${value}`) }))}
      />
      <NativeSelect
        label={t('centre.mode')} value={mode} onChange={(e) => setMode(e.currentTarget.value as typeof mode)}
        data={visitModes.map((value) => ({ value, label: t(`centre.mode.${value}`) }))}
      />
      <Textarea label={t('centre.goals')} value={goals} maxLength={2_000} autosize minRows={2} onChange={(e) => setGoals(e.currentTarget.value)} />
      <Textarea label={t('centre.questions')} description={t('centre.questions-how')} value={questions} autosize minRows={3} onChange={(e) =>
        setQuestions(e.currentTarget.value)} />
      <TextInput type="date" label={t('centre.from')} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
      <TextInput type="date" label={t('centre.to')} value={to} onChange={(e) => setTo(e.currentTarget.value)} />
      <Textarea label={t('centre.tools')} description={t('centre.tools-how')} value={tools} autosize minRows={2} onChange={(e) =>
        setTools(e.currentTarget.value)} />
      <NumberInput label={t('centre.per-day')} value={perDay} min={0.01} max={100} decimalScale={2} onChange={(v) => setPerDay(Number(v) || 0.5)} />
      <NumberInput label={t('centre.in-all')} value={inAll} min={0.01} max={100} decimalScale={2} onChange={(v) => setInAll(Number(v) || 5)} />
    </Form>
  );
}
