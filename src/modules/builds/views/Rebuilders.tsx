/** Who rebuilds on this hub: keys, whose they are, how much they have said; one's own are registered and retired here. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import type { Rebuilder } from '../model.ts';

export function Rebuilders() {
  const { t, number } = useWords();
  const asked = useAsk(buildsApi['rebuilders.list'], {});
  const [chosen, setChosen] = useState<Rebuilder | null>(null);
  return (
    <Page
      title={t('nav.rebuilders')} description={t('builds.rebuilders-text')}
      act={asked.data?.mayRegister ? <ButtonLink to="/rebuilders/register">{t('nav.rebuilder-register')}</ButtonLink> : null}
    >
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ items, mayRegister }) => (
            <>
              <RowTable
                label={t('nav.rebuilders')} rows={items} rowKey={(r) => r.id}
                empty={<EmptyState title={t('builds.no-rebuilder')} how={t('builds.no-rebuilder-how')} />}
                columns={[
                  { key: 'name', head: t('builds.rebuilder'), wrap: true, sort: (r) => r.name, cell: (r) => <><code>{r.name}</code>
                    {r.machine === '' ? null : <><br /><span className="e-small e-faint">{r.machine}</span></>}</> },
                  { key: 'org', head: t('builds.organisation'), wrap: true, sort: (r) => r.orgName, cell: (r) => <>{r.orgName}
                    {r.mine ? <> <Tag>{t('builds.mine')}</Tag></> : null}</> },
                  { key: 'said', head: t('builds.verdicts'), right: true, spare: true, sort: (r) => r.verdicts, cell: (r) => number(r.verdicts) },
                  { key: 'key', head: t('builds.key'), spare: true, cell: (r) => <Hash value={r.publicKey} keep={8} /> },
                  { key: 'since', head: t('builds.since'), spare: true, sort: (r) => r.registeredAt, cell: (r) => <Time at={r.registeredAt} to="day" /> },
                  { key: 'state', head: t('builds.state'), wrap: true, cell: (r) => (r.retiredAt === null ? <Mark is="good">{t('builds.speaks')}</Mark> : (
                    <><Mark is="none">{t('builds.retired')}</Mark><br /><span className="e-small e-faint">{r.retiredWhy}</span></>
                  )) },
                  ...mayRegister ? [{ key: 'act', head: t('builds.act'), cell: (r: Rebuilder) => (r.mine && r.retiredAt === null
                    ? <Button size="compact-sm" variant="default" onClick={() => setChosen(r)}>{t('builds.retire')}</Button> : '') }] : [],
                ]}
              />
              {chosen ? <Retire of={chosen} done={() => setChosen(null)} /> : null}
            </>
          )}
        </Answer>
      </Section>
    </Page>
  );
}

function Retire({ of, done }: { readonly of: Rebuilder; readonly done: () => void }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const retire = useAct(buildsApi['rebuilders.retire']);
  return (
    <Form
      act={t('builds.retire')} busy={retire.isPending} error={retire.error} why={reason.trim() === '' ? t('builds.missing-reason') : null}
      onAct={() => retire.mutate({ rebuilder: of.id, reason }, { onSuccess: done })} aside={<Button variant="default" onClick={done}>{t('ui.cancel')}</Button>}
    >
      <TextInput label={t('builds.retire-why', { name: of.name })} description={t('builds.retire-text')} value={reason} maxLength={500}
        onChange={(e) => setReason(e.currentTarget.value)} />
    </Form>
  );
}
