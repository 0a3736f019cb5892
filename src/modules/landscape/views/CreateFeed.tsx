/** Adds a feed: from whom, in which shape, how often, under which agreement. */
import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { FeedShape, Tlp } from '../model.ts';

const empty = { name: '', title: '', shape: 'shadowserver', reportType: '', cadence: '24', tlp: 'AMBER' };

export function CreateFeed() {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState(empty);
  const set = (patch: Partial<typeof empty>) => setTyped({ ...typed, ...patch });
  const types = useAsk(landscapeApi.reportTypes, {});
  const create = useAct(landscapeApi.createFeed);
  const act = () => create.mutate(
    {
      name: typed.name, title: typed.title, shape: FeedShape.parse(typed.shape), tlpDefault: Tlp.parse(typed.tlp),
      reportType: typed.reportType || null, cadenceHours: typed.cadence ? Number(typed.cadence) : null,
    },
    { onSuccess: ({ feed }) => go(feed.shape === 'mapped' ? `/feeds/${feed.id}/mapping` : `/feeds/${feed.id}`) },
  );
  const why = typed.name === '' || typed.title === '' ? t('create-feed.why') : null;
  return (
    <Page title={t('nav.feed-create')} description={t('create-feed.text')} above={<Link to="/feeds">{t('nav.feeds')}</Link>}>
      <Section>
        <Form act={t('create-feed.act')} onAct={act} busy={create.isPending} why={why} error={create.error}>
          <TextInput
            label={t('create-feed.title')} value={typed.title} onChange={(e) => set({ title: e.currentTarget.value })} required
          />
          <TextInput
            label={t('feed.name')} description={t('create-feed.name-how')} value={typed.name} required
            onChange={(e) => set({ name: e.currentTarget.value.toLowerCase() })}
          />
          <NativeSelect
            label={t('feed.shape')} value={typed.shape} onChange={(e) => set({ shape: e.currentTarget.value })}
            data={FeedShape.options.map((value) => ({ value, label: t(`shape.${value}`) }))}
          />
          {typed.shape === 'shadowserver' ? (
            <NativeSelect
              label={t('feed.type')} description={t('create-feed.type-how')} value={typed.reportType}
              onChange={(e) => set({ reportType: e.currentTarget.value })}
              data={[{ value: '', label: t('feed.type-by-file') },
                ...(types.data?.items ?? []).map((i) => ({ value: i.type, label: `${i.type} — ${i.title}` }))]}
            />
          ) : (
            <TextInput
              label={t('feed.type')} value={typed.reportType} onChange={(e) => set({ reportType: e.currentTarget.value })}
            />
          )}
          <NumberInput
            label={t('create-feed.cadence')} description={t('create-feed.cadence-how')} min={1} value={typed.cadence}
            onChange={(value) => set({ cadence: String(value) })}
          />
          <NativeSelect
            label={t('feed.tlp')} description={t('create-feed.tlp-how')} value={typed.tlp} data={[...Tlp.options]}
            onChange={(e) => set({ tlp: e.currentTarget.value })}
          />
        </Form>
      </Section>
    </Page>
  );
}
