/** Registering a rebuilder: its name and key, which a colleague compares before it counts. */
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';

export function Register() {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState({ name: '', publicKey: '', machine: '' });
  const register = useAct(buildsApi['rebuilders.register']);
  const read = buildsApi['rebuilders.register'].input.safeParse(typed);
  const change = (patch: Partial<typeof typed>): void => setTyped({ ...typed, ...patch });
  return (
    <Page title={t('nav.rebuilder-register')} description={t('builds.register-text')} above={<Link to="/rebuilders">{t('nav.rebuilders')}</Link>}>
      <Section>
        <Form
          act={t('nav.rebuilder-register')} busy={register.isPending} error={register.error} why={read.success ? null : t('builds.register-why')}
          onAct={() => read.success && register.mutate(read.data, { onSuccess: () => go('/rebuilders') })}
        >
          <TextInput label={t('builds.key-name')} description={t('builds.key-name-how')} placeholder="centre.example/rebuild" value={typed.name} maxLength={120}
            onChange={(e) => change({ name: e.currentTarget.value })} />
          <Textarea label={t('builds.key')} description={t('builds.key-how')} value={typed.publicKey} autosize minRows={3}
            onChange={(e) => change({ publicKey: e.currentTarget.value })} />
          <TextInput label={t('builds.machine')} description={t('builds.machine-how')} value={typed.machine} maxLength={300}
            onChange={(e) => change({ machine: e.currentTarget.value })} />
        </Form>
      </Section>
    </Page>
  );
}
