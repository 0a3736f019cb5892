/** Pinning a site: its key, compared by two people, and up to which label its parcels are believed. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { agreementsApi } from '#modules/agreements/api';
import { parcelsApi } from '../api/parcels.ts';
import { NewSite } from '../model/parcels.ts';

export function PinSite() {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState({ title: '', vkey: '', ceiling: 'GREEN', agreement: '' });
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const active = (agreements.data?.agreements ?? []).filter((a) => a.status === 'active');
  const pin = useAct(parcelsApi['sites.pin']);
  const read = NewSite.safeParse({ ...typed, agreement: typed.agreement === '' ? null : typed.agreement });
  const change = (patch: Partial<typeof typed>): void => setTyped({ ...typed, ...patch });
  return (
    <Page title={t('nav.site-pin')} description={t('parcels.pin-text')} above={<Link to="/parcels">{t('nav.parcels')}</Link>}>
      <Section>
        <Form
          act={t('nav.site-pin')} busy={pin.isPending} error={pin.error} why={read.success ? null : t('parcels.pin-why')}
          onAct={() => read.success && pin.mutate(read.data, { onSuccess: () => go('/parcels') })}
        >
          <TextInput label={t('parcels.site')} value={typed.title} onChange={(e) => change({ title: e.currentTarget.value })} />
          <TextInput label={t('parcels.key')} description={t('parcels.key-how')} value={typed.vkey} onChange={(e) => change({ vkey: e.currentTarget.value })} />
          <NativeSelect
            label={t('parcels.up-to')} description={t('parcels.up-to-how')} value={typed.ceiling} onChange={(e) => change({ ceiling: e.currentTarget.value })}
            data={NewSite.shape.ceiling.options.map((l) => ({ value: l, label: `TLP:${l}` }))}
          />
          <NativeSelect
            label={t('peers.agreement')} description={t('parcels.agreement-how')} value={typed.agreement}
            onChange={(e) => change({ agreement: e.currentTarget.value })}
            data={[{ value: '', label: t('peers.no-agreement') }, ...active.map((a) => ({ value: a.id, label: a.title }))]}
          />
        </Form>
      </Section>
    </Page>
  );
}
