/** A steward says where updates of a product come from, so that others can watch it. */
import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { manifestFormats } from '#kit/watch/manifest';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Block, Page, Section } from '#ui/Page';
import { ButtonLink, Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';

export function PublishChannel() {
  const { t } = useWords();
  const asked = useAsk(watchApi['update-channels.list'], {});
  return (
    <Page title={t('nav.update-channel-publish')} description={t('watch.publish-text')} above={<Link to="/update-channels">{t('nav.update-channels')}</Link>}>
      <Section>
        <Answer of={asked} skeleton={<Block height={280} />}>
          {({ products }) => (products.length === 0
            ? <EmptyState title={t('watch.no-product')} how={t('watch.no-product-how')}
                act={<ButtonLink to="/products/add">{t('nav.product-add')}</ButtonLink>} />
            : <Fields products={products} />)}
        </Answer>
      </Section>
    </Page>
  );
}

function Fields({ products }: { readonly products: readonly { readonly id: string; readonly name: string }[] }) {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState({ product: products[0]?.id ?? '', name: 'stable', url: '', format: 'entente-update', settleMinutes: 2,
    silentMinutes: 60 });
  const publish = useAct(watchApi['update-channels.publish']);
  const read = watchApi['update-channels.publish'].input.safeParse(typed);
  const change = (patch: Partial<typeof typed>): void => setTyped({ ...typed, ...patch });
  return (
    <Form
      act={t('nav.update-channel-publish')} busy={publish.isPending} error={publish.error} why={read.success ? null : t('watch.publish-why')}
      onAct={() => read.success && publish.mutate(read.data, { onSuccess: ({ channel }) => go(`/update-channels/${channel.id}`) })}
    >
      <NativeSelect label={t('watch.product')} value={typed.product} onChange={(e) => change({ product: e.currentTarget.value })}
        data={products.map((p) => ({ value: p.id, label: p.name }))} />
      <TextInput label={t('watch.name')} description={t('watch.name-how')} value={typed.name} maxLength={120}
        onChange={(e) => change({ name: e.currentTarget.value })} />
      <TextInput label={t('watch.address')} description={t('watch.address-how')} value={typed.url} maxLength={2_000} placeholder="https://"
        onChange={(e) => change({ url: e.currentTarget.value })} />
      <NativeSelect label={t('watch.format')} value={typed.format} onChange={(e) => change({ format: e.currentTarget.value })}
        data={manifestFormats.map((f) => ({ value: f, label: t(`watch.format-${f}`) }))} />
      <NumberInput label={t('watch.settle')} description={t('watch.settle-how')} min={0} max={1_440} value={typed.settleMinutes}
        onChange={(v) => change({ settleMinutes: Number(v) })} />
      <NumberInput label={t('watch.silent')} description={t('watch.silent-how')} min={2} max={10_080} value={typed.silentMinutes}
        onChange={(v) => change({ silentMinutes: Number(v) })} />
    </Form>
  );
}
