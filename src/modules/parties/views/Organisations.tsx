/** One's own organisation and those it has introduced to the hub; introducing one is the first step to an agreement. */
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { OrganisationKind } from '../model.ts';

export function Organisations() {
  const { t, own, country } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['organisations.list'], {});
  return (
    <Page
      title={t('nav.organisations')} description={t('organisations.text')}
      act={reader.may('organisation.introduce') ? <Introduce /> : null}
    >
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ organisations }) => (
            <RowTable
              label={t('nav.organisations')} rows={organisations} rowKey={(o) => o.id} marked={(o) => o.id === reader.organisation}
              columns={[
                { key: 'name', head: t('organisation.name'), wrap: true, cell: (o) => own(o.name, o.nameLocal), sort: (o) => own(o.name, o.nameLocal) },
                { key: 'kind', head: t('organisation.kind'), cell: (o) => t(`organisation-kind.${o.kind}`), sort: (o) => o.kind },
                { key: 'country', head: t('organisation.country'), spare: true, cell: (o) => country(o.country), sort: (o) => o.country },
                ...(reader.may('invitation.create') ? [{
                  key: 'act', head: t('person.acts'),
                  cell: (o: { id: string }) => <Link to={`/people/invite?organisation=${o.id}`}>{t('nav.invite')}</Link>,
                }] : []),
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}

const empty = { name: '', nameLocal: '', kind: 'ministry', country: 'VN' };

function Introduce() {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState(empty);
  const set = (patch: Partial<typeof empty>) => setTyped({ ...typed, ...patch });
  const introduce = useAct(partiesApi['organisations.introduce']);
  const act = () => introduce.mutate(
    {
      name: typed.name, nameLocal: typed.nameLocal || null, kind: OrganisationKind.parse(typed.kind), country: typed.country.toUpperCase(),
    },
    {
      onSuccess: () => {
        setTyped(empty);
        close();
      },
    },
  );
  return (
    <>
      <Button onClick={open}>{t('organisations.introduce')}</Button>
      <Modal opened={opened} onClose={close} title={t('organisations.introduce')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('organisations.introduce')} onAct={act} busy={introduce.isPending} error={introduce.error}
          why={typed.name.trim() === '' ? t('organisations.why') : null}
        >
          <TextInput label={t('organisation.name')} value={typed.name} onChange={(e) => set({ name: e.currentTarget.value })} data-autofocus />
          <TextInput label={t('organisation.name-local')} value={typed.nameLocal} onChange={(e) => set({ nameLocal: e.currentTarget.value })} />
          <NativeSelect
            label={t('organisation.kind')} value={typed.kind} onChange={(e) => set({ kind: e.currentTarget.value })}
            data={OrganisationKind.options.map((value) => ({ value, label: t(`organisation-kind.${value}`) }))}
          />
          <TextInput
            label={t('event.area-code')} value={typed.country} maxLength={2} onChange={(e) => set({ country: e.currentTarget.value })}
          />
        </Form>
      </Modal>
    </>
  );
}
