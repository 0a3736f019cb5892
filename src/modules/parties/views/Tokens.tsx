/** API tokens: scoped, expiring, revoked at once. The secret is shown once and never again. */
import { Button, Checkbox, NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { RowTable } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';

export function Tokens() {
  const { t } = useWords();
  const asked = useAsk(partiesApi['tokens.list'], {});
  const revoke = useAct(partiesApi['tokens.revoke']);
  return (
    <Page title={t('nav.tokens')} description={t('tokens.text')}>
      <Answer of={asked}>
        {({ tokens, scopes }) => (
          <>
            <Section title={t('tokens.held')}>
              {revoke.error ? <ProblemNote error={revoke.error} /> : null}
              <RowTable
                label={t('tokens.held')} rows={tokens} rowKey={(x) => x.id}
                empty={<EmptyState title={t('tokens.empty')} how={t('tokens.empty-how')} />}
                columns={[
                  {
                    key: 'name', head: t('token.name'), wrap: true, sort: (x) => x.name,
                    cell: (x) => (
                      <>
                        {x.name}
                        <div className="e-narrow e-small e-quiet">{t('token.expires')} <Time at={x.expiresAt} to="day" /></div>
                      </>
                    ),
                  },
                  { key: 'scopes', head: t('token.scopes'), wrap: true, cell: (x) => <Rights of={x.scopes} /> },
                  {
                    key: 'addresses', head: t('token.addresses'), wrap: true, spare: true,
                    cell: (x) => (x.addresses.length > 0 ? <span className="e-mono">{x.addresses.join(', ')}</span> : t('token.anywhere')),
                  },
                  { key: 'expires', head: t('token.expires'), spare: true, cell: (x) => <Time at={x.expiresAt} to="day" />, sort: (x) => x.expiresAt },
                  {
                    key: 'used', head: t('token.used'), spare: true, sort: (x) => x.lastUsedAt,
                    cell: (x) => (x.lastUsedAt ? <Time at={x.lastUsedAt} /> : t('token.never')),
                  },
                  {
                    key: 'act', head: t('person.acts'),
                    cell: (x) => (
                      <Button
                        variant="subtle" color="red" size="compact-xs" loading={revoke.isPending && revoke.variables?.token === x.id}
                        onClick={() => revoke.mutate({ token: x.id })}
                      >
                        {t('tokens.revoke')}
                      </Button>
                    ),
                  },
                ]}
              />
            </Section>
            <Create scopes={scopes} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Create({ scopes }: { readonly scopes: readonly string[] }) {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [chosen, setChosen] = useState<string[]>([]);
  const [addresses, setAddresses] = useState('');
  const create = useAct(partiesApi['tokens.create']);
  const why = name.trim() === '' ? t('tokens.why-name') : chosen.length === 0 ? t('tokens.why-scopes') : null;
  const from = addresses.split(/[\s,;]+/).filter((part) => part !== '');
  const act = () => create.mutate({ name: name.trim(), days, scopes: chosen, addresses: from }, {
    onSuccess: () => {
      setName('');
      setChosen([]);
    },
  });
  return (
    <Section title={t('tokens.create')} note={t('tokens.create-note')}>
      <div style={{ display: 'grid', gap: 16 }}>
        {create.data ? (
          <div role="status" style={{ display: 'grid', gap: 6 }}>
            <strong>{t('tokens.once', { name: create.data.token.name })}</strong>
            <Code label={t('tokens.secret')} text={create.data.secret} />
          </div>
        ) : null}
        <Form act={t('tokens.create')} onAct={act} busy={create.isPending} error={create.error} why={why}>
          <TextInput label={t('token.name')} description={t('tokens.name-how')} value={name} onChange={(e) => setName(e.currentTarget.value)} />
          <TextInput
            label={t('token.addresses')} description={t('tokens.addresses-how')} value={addresses} placeholder="192.0.2.0/24, 2001:db8::/32"
            onChange={(e) => setAddresses(e.currentTarget.value)}
          />
          <NumberInput label={t('tokens.days')} min={1} max={365} value={days} onChange={(v) => setDays(Number(v))} />
          <Checkbox.Group label={t('token.scopes')} description={t('tokens.scopes-how')} value={chosen} onChange={setChosen}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={8} mt={8}>
              {scopes.map((scope) => <Checkbox key={scope} value={scope} label={<Right of={scope} />} />)}
            </SimpleGrid>
          </Checkbox.Group>
        </Form>
      </div>
    </Section>
  );
}

/** A right in words, with the name that programs know it by. */
function Right({ of }: { readonly of: string }) {
  const { t, has } = useWords();
  if (!has(`right.${of}`)) return <span className="e-mono">{of}</span>;
  return (
    <span style={{ display: 'inline-grid' }}>
      <span className="e-first">{t(`right.${of}`)}</span>
      <span className="e-mono e-small e-faint">{of}</span>
    </span>
  );
}

function Rights({ of }: { readonly of: readonly string[] }) {
  return <>{of.map((right) => <div key={right}><Right of={right} /></div>)}</>;
}
