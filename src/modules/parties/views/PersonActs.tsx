/** What an administrator may do about a colleague, in one menu: each act opens with what it does, greyed with why not. */
import { ActionIcon, Button, Checkbox, Menu, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords, type Words } from '#ui/words';
import { partiesApi } from '../api.ts';
import { Role } from '../model.ts';
import { conflictsOf } from '../roles.ts';
import { recover, suspend } from '../rules.ts';
import { SessionTable } from './SessionTable.tsx';

export type Listed = OutputOf<(typeof partiesApi)['people.list']>['people'][number];
type Open = 'roles' | 'sessions' | 'recover' | 'suspend' | 'activate' | 'provider' | null;

interface ActsProps {
  readonly person: Listed;
  readonly people: readonly Listed[];
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

export function Acts({ person, people }: ActsProps) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const [open, setOpen] = useState<Open>(null);
  const actor = {
    person: reader.person ?? '', org: reader.organisation ?? '', roles: reader.roles, via: 'session' as const, credential: '',
  };
  const own = person.id === reader.person;
  const item = (which: Exclude<Open, null>, label: string, why: string | null) => (
    <Menu.Item disabled={why !== null} onClick={() => setOpen(which)} title={why ?? undefined}>{label}</Menu.Item>
  );
  const close = () => setOpen(null);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" size="sm" aria-label={t('people.acts-of', { name: person.name })}><IconDots size={16} aria-hidden /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {item('roles', t('people.roles'), own ? t('refusal.person.own-roles') : null)}
          {reader.may('session.oversee') ? item('sessions', t('people.sessions'), null) : null}
          {reader.identityProvider && reader.may('person.recover') ? item('provider', t('people.provider'), null) : null}
          {person.status === 'active'
            ? <>
                {item('recover', t('people.recover'), whyNot(words, () => recover(person, actor)))}
                {item('suspend', t('people.suspend'), whyNot(words, () => suspend(person, actor, people)))}
              </>
            : item('activate', t('people.activate'), null)}
        </Menu.Dropdown>
      </Menu>
      {open === 'roles' ? <Roles person={person} onClose={close} /> : null}
      {open === 'sessions' ? <Sessions person={person} onClose={close} /> : null}
      {open === 'provider' ? <Provider person={person} onClose={close} /> : null}
      {open === 'recover' ? <Plain person={person} act="recover" onClose={close} /> : null}
      {open === 'suspend' ? <Plain person={person} act="suspend" onClose={close} /> : null}
      {open === 'activate' ? <Plain person={person} act="activate" onClose={close} /> : null}
    </>
  );
}

function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }) {
  const { t } = useWords();
  return <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }} size="lg">{children}</Modal>;
}

interface DialogProps {
  readonly person: Listed;
  readonly onClose: () => void;
}

function Roles({ person, onClose }: DialogProps) {
  const { t } = useWords();
  const [roles, setRoles] = useState<string[]>([...person.roles]);
  const assign = useAct(partiesApi['people.assign']);
  const [conflict] = conflictsOf(roles);
  return (
    <Dialog title={t('people.roles-of', { name: person.name })} onClose={onClose}>
      <Form
        act={t('people.save')} busy={assign.isPending} error={assign.error}
        why={conflict ? t('person.conflict', { one: t(`role.${conflict.one}`), other: t(`role.${conflict.other}`) }) : null}
        onAct={() => assign.mutate({ person: person.id, roles: roles.map((r) => Role.parse(r)) }, { onSuccess: onClose })}
      >
        <Checkbox.Group value={roles} onChange={setRoles} description={t('people.roles-how')}>
          <Stack gap={8} mt={8}>{Role.options.map((r) => <Checkbox key={r} value={r} label={t(`role.${r}`)} />)}</Stack>
        </Checkbox.Group>
      </Form>
    </Dialog>
  );
}

function Sessions({ person, onClose }: DialogProps) {
  const { t } = useWords();
  const asked = useAsk(partiesApi['people.sessions'], { person: person.id });
  const end = useAct(partiesApi['people.end-sessions']);
  return (
    <Dialog title={t('people.sessions-of', { name: person.name })} onClose={onClose}>
      <div style={{ display: 'grid', gap: 12 }}>
        <Answer of={asked}>
          {({ sessions }) => <SessionTable label={t('people.sessions')} sessions={sessions} empty={<EmptyState title={t('people.sessions-none')} />} />}
        </Answer>
        {end.error ? <ProblemNote error={end.error} /> : null}
        <Button
          color="red" variant="light" loading={end.isPending} disabled={!asked.data || asked.data.sessions.length === 0} style={{ justifySelf: 'start' }}
          onClick={() => end.mutate({ person: person.id })}
        >
          {t('people.end-sessions')}
        </Button>
      </div>
    </Dialog>
  );
}

/** Which account of the identity provider is this person's: they link it themselves, signed in, and must be exactly that one. */
function Provider({ person, onClose }: DialogProps) {
  const { t } = useWords();
  const [claim, setClaim] = useState('sub');
  const [value, setValue] = useState('');
  const set = useAct(partiesApi['people.expect']);
  return (
    <Dialog title={t('people.provider-of', { name: person.name })} onClose={onClose}>
      <Form
        act={t('people.provider')} busy={set.isPending} error={set.error} why={value.trim() === '' ? t('provider.why') : null}
        onAct={() => set.mutate({ person: person.id, claim: claim as 'sub', value: value.trim() }, { onSuccess: onClose })}
      >
        <p style={{ margin: 0 }}>{t('people.provider-text')}</p>
        <Expected claim={claim} value={value} onClaim={setClaim} onValue={setValue} />
      </Form>
    </Dialog>
  );
}

interface ExpectedProps {
  readonly claim: string;
  readonly value: string;
  readonly onClaim: (claim: string) => void;
  readonly onValue: (value: string) => void;
}

/** One claim of the provider, letter for letter. */
export function Expected({ claim, value, onClaim, onValue }: ExpectedProps) {
  const { t } = useWords();
  return (
    <>
      <NativeSelect
        label={t('provider.claim')} value={claim} onChange={(e) => onClaim(e.currentTarget.value)}
        data={['sub', 'email', 'preferred_username'].map((name) => ({ value: name, label: t(`provider.claim.${name}`) }))}
      />
      <TextInput label={t('provider.value')} description={t('provider.value-how')} value={value} onChange={(e) => onValue(e.currentTarget.value)} />
    </>
  );
}

function Plain({ person, act, onClose }: DialogProps & { readonly act: 'recover' | 'suspend' | 'activate' }) {
  const { t } = useWords();
  const doing = useAct(partiesApi[`people.${act}`]);
  return (
    <Dialog title={t(`people.${act}-title`, { name: person.name })} onClose={onClose}>
      <Form
        act={t(`people.${act}`)} busy={doing.isPending} error={doing.error}
        onAct={() => doing.mutate({ person: person.id }, { onSuccess: onClose })}
      >
        <p style={{ margin: 0 }}>{t(`people.${act}-text`)}</p>
      </Form>
    </Dialog>
  );
}
