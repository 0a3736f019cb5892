/** Invites a person; the link is shown to be handed over, since no mail leaves the hub by itself. */
import { Checkbox, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { Form } from '#ui/Form';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { Role } from '../model.ts';
import { conflictsOf } from '../roles.ts';
import { Expected } from './PersonActs.tsx';

export function Invite() {
  const { t, own } = useWords();
  const reader = useReader();
  const [search, change] = useUrlState();
  const parties = useAsk(partiesApi['organisations.list'], {}, { enabled: reader.may('organisation.list') });
  const invite = useAct(partiesApi['invitations.create']);
  const [typed, setTyped] = useState({
    name: '', email: '', language: 'vi', roles: [] as string[], provider: false, claim: 'sub', value: '',
  });
  const set = (patch: Partial<typeof typed>) => setTyped({ ...typed, ...patch });
  const organisation = search['organisation'] || reader.organisation || '';
  const [conflict] = conflictsOf(typed.roles);
  const why = typed.name.trim() === '' ? t('invite.why-name') : typed.roles.length === 0 ? t('invite.why-roles')
    : conflict ? t('person.conflict', { one: t(`role.${conflict.one}`), other: t(`role.${conflict.other}`) })
      : typed.provider && typed.value.trim() === '' ? t('provider.why') : null;
  const act = () => invite.mutate({
    name: typed.name.trim(), roles: typed.roles.map((r) => Role.parse(r)), language: typed.language === 'en' ? 'en' : 'vi',
    ...(typed.email ? { email: typed.email.trim() } : {}), ...(organisation === reader.organisation ? {} : { organisation }),
    ...(typed.provider ? { provider: { claim: typed.claim as 'sub', value: typed.value.trim() } } : {}),
  });
  return (
    <Page title={t('nav.invite')} description={t('invite.text')} above={<Link to="/people">{t('nav.people')}</Link>}>
      {invite.data ? (
        <Section title={t('invite.link')} note={t('invite.link-note')}>
          <Code label={t('invite.link')} text={invite.data.link} />
          <p className="e-quiet">{t('invite.until')} <Time at={invite.data.expiresAt} /></p>
        </Section>
      ) : null}
      <Section>
        <Form act={t('invite.act')} onAct={act} busy={invite.isPending} error={invite.error} why={why}>
          <NativeSelect
            label={t('accept.for')} value={organisation} onChange={(e) => change({ organisation: e.currentTarget.value })}
            data={(parties.data?.organisations ?? []).map((o) => ({ value: o.id, label: own(o.name, o.nameLocal) }))}
          />
          <TextInput label={t('person.name')} value={typed.name} onChange={(e) => set({ name: e.currentTarget.value })} required />
          <TextInput label={t('person.email')} type="email" value={typed.email} onChange={(e) => set({ email: e.currentTarget.value })} />
          <NativeSelect
            label={t('person.language')} value={typed.language} onChange={(e) => set({ language: e.currentTarget.value })}
            data={[{ value: 'vi', label: 'Tiếng Việt' }, { value: 'en', label: 'English' }]}
          />
          <Checkbox.Group label={t('person.roles')} value={typed.roles} onChange={(roles) => set({ roles })}>
            <Stack gap={8} mt={6}>{Role.options.map((r) => <Checkbox key={r} value={r} label={t(`role.${r}`)} />)}</Stack>
          </Checkbox.Group>
          {reader.identityProvider ? (
            <Checkbox
              checked={typed.provider} onChange={(e) => set({ provider: e.currentTarget.checked })}
              label={t('invite.by-provider', { name: reader.identityProvider })}
            />
          ) : null}
          {typed.provider ? (
            <Expected claim={typed.claim} value={typed.value} onClaim={(claim) => set({ claim })} onValue={(value) => set({ value })} />
          ) : null}
        </Form>
      </Section>
    </Page>
  );
}
