/** Adds an asset from a moment on, or says until when it was theirs. Events keep the owner of the time they happened. */
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { AssetKind, assetKinds } from '../model/registry.ts';
import type { OneAsset } from './View.tsx';

export function AddAsset({ constituent }: { readonly constituent: string }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState({ kind: 'prefix', value: '', from: '' });
  const add = useAct(constituentsApi.addAsset);
  const act = () => add.mutate(
    { constituent, kind: AssetKind.parse(typed.kind), value: typed.value, from: typed.from },
    {
      onSuccess: () => {
        setTyped({ kind: 'prefix', value: '', from: '' });
        close();
      },
    },
  );
  return (
    <>
      <Button onClick={open}>{t('assets.add')}</Button>
      <Modal opened={opened} onClose={close} title={t('assets.add')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('assets.add')} onAct={act} busy={add.isPending} error={add.error}
          why={typed.value === '' || typed.from === '' ? t('assets.why') : null}
        >
          <NativeSelect
            label={t('asset.kind')} value={typed.kind} onChange={(e) => setTyped({ ...typed, kind: e.currentTarget.value })}
            data={assetKinds.map((value) => ({ value, label: t(`asset-kind.${value}`) }))}
          />
          <TextInput
            label={t('asset.value')} placeholder={{ prefix: '203.0.113.0/24', asn: '64500', domain: 'example.gov.vn' }[typed.kind] ?? ''}
            value={typed.value} onChange={(e) => setTyped({ ...typed, value: e.currentTarget.value })} data-autofocus
          />
          <TextInput
            type="date" label={t('asset.from')} value={typed.from} onChange={(e) => setTyped({ ...typed, from: e.currentTarget.value })}
          />
        </Form>
      </Modal>
    </>
  );
}

export function EndAsset({ asset }: { readonly asset: OneAsset }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [to, setTo] = useState('');
  const end = useAct(constituentsApi.endAsset);
  return (
    <>
      <Button variant="subtle" size="compact-xs" onClick={open}>{t('assets.end')}</Button>
      <Modal
        opened={opened} onClose={close} title={t('assets.end-title', { asset: asset.value })}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Form
          act={t('assets.end')} busy={end.isPending} error={end.error} why={to === '' ? t('assets.end-why') : null}
          onAct={() => end.mutate({ constituent: asset.constituent, asset: asset.id, to }, { onSuccess: close })}
        >
          <TextInput
            type="date" label={t('asset.to')} description={t('assets.end-how')} value={to}
            onChange={(e) => setTo(e.currentTarget.value)} data-autofocus
          />
        </Form>
      </Modal>
    </>
  );
}
