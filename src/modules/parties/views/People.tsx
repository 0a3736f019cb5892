/** The people of one's own organisation and what they may do. Greyed acts say the sentence the hub would answer. */
import { Button, Checkbox, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { Refusal } from '#kit/refusal';
import { useAct, useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { ButtonLink } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { partiesApi } from '../api.ts';
import { Role } from '../model.ts';
import { suspend } from '../rules.ts';

type Listed = OutputOf<(typeof partiesApi)['people.list']>['people'][number];

export function People() {
  const { t, day } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['people.list'], {});
  const invite = reader.may('invitation.create') ? <ButtonLink to="/people/invite">{t('nav.invite')}</ButtonLink> : null;
  return (
    <Page title={t('nav.people')} description={t('people.text')} act={invite}>
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ people }) => (
            <RowTable
              label={t('nav.people')} rows={people} rowKey={(p) => p.id}
              empty={<EmptyState title={t('people.empty')} how={t('people.empty-how')} act={invite} />}
              columns={[
                { key: 'name', head: t('person.name'), cell: (p) => p.name, sort: (p) => p.name },
                {
                  key: 'roles', head: t('person.roles'), wrap: true,
                  cell: (p) => (
                    <span style={{ display: 'inline-flex', gap: 4, flexWrap: 'wrap' }}>
                      {p.roles.map((r) => <Tag key={r}>{t(`role.${r}`)}</Tag>)}
                    </span>
                  ),
                },
                {
                  key: 'status', head: t('person.status'), sort: (p) => p.status,
                  cell: (p) => <Mark is={p.status === 'active' ? 'good' : 'danger'}>{t(`person.${p.status}`)}</Mark>,
                },
                { key: 'email', head: t('person.email'), spare: true, cell: (p) => p.email ?? '', sort: (p) => p.email },
                { key: 'since', head: t('person.since'), spare: true, cell: (p) => day(p.createdAt), sort: (p) => p.createdAt },
                ...(reader.may('person.assign') ? [{
                  key: 'acts', head: t('person.acts'), cell: (p: Listed) => <Acts person={p} people={people} />,
                }] : []),
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}

/** Why the rules would refuse, or null. The same file decides on the hub. */
function whyNot(words: Words, attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return words.has(`refusal.${error.code}`) ? words.t(`refusal.${error.code}`) : error.message;
  }
}

function Acts({ person, people }: { readonly person: Listed; readonly people: readonly Listed[] }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const [opened, { open, close }] = useDisclosure(false);
  const [asking, ask] = useDisclosure(false);
  const [roles, setRoles] = useState<string[]>([...person.roles]);
  const assign = useAct(partiesApi['people.assign']);
  const stop = useAct(partiesApi['people.suspend']);
  const actor = {
    person: reader.person ?? '', org: reader.organisation ?? '', roles: reader.roles, via: 'session' as const, credential: '',
  };
  const whyNotSuspend = whyNot(words, () => suspend(person, actor, people));
  const own = person.id === reader.person;
  return (
    <span style={{ display: 'inline-flex', gap: 4 }}>
      <Button variant="subtle" size="compact-xs" onClick={open} disabled={own} title={own ? t('refusal.person.own-roles') : undefined}>
        {t('people.roles')}
      </Button>
      <Button
        variant="subtle" color="red" size="compact-xs" onClick={ask.open} disabled={whyNotSuspend !== null}
        title={whyNotSuspend ?? undefined}
      >
        {t('people.suspend')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('people.roles-of', { name: person.name })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('people.save')} busy={assign.isPending} error={assign.error}
          onAct={() => assign.mutate({ person: person.id, roles: roles.map((r) => Role.parse(r)) }, { onSuccess: close })}
        >
          <Checkbox.Group value={roles} onChange={setRoles}>
            <Stack gap={8}>{Role.options.map((r) => <Checkbox key={r} value={r} label={t(`role.${r}`)} />)}</Stack>
          </Checkbox.Group>
        </Form>
      </Modal>
      <Modal opened={asking} onClose={ask.close} title={t('people.suspend-title', { name: person.name })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('people.suspend')} busy={stop.isPending} error={stop.error}
          onAct={() => stop.mutate({ person: person.id }, { onSuccess: ask.close })}
        >
          <p style={{ margin: 0 }}>{t('people.suspend-text')}</p>
        </Form>
      </Modal>
    </span>
  );
}
