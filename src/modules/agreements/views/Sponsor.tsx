/** Asks a provider to let an agency in under one's own agreement, narrowed by marking and level. */
import { Checkbox, NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '#modules/parties/api';
import { agreementsApi } from '../api.ts';
import { TlpLabel } from '../terms.ts';
import { sayGrant, type Agreed } from './words.ts';

export function Sponsor() {
  const { t, own } = useWords();
  const id = usePathParameter('agreement');
  const asked = useAsk(agreementsApi['agreements.view'], { agreement: id });
  return (
    <Page
      title={t('sponsor.title')} description={t('sponsor.text')}
      above={<Link to={`/agreements/${id}`}>{asked.data ? own(asked.data.title, asked.data.titleVi) : t('agreement.agreement')}</Link>}
    >
      <Answer of={asked}>{(agreed) => <Asking agreed={agreed} />}</Answer>
    </Page>
  );
}

/** Labels that can be passed on; beyond them a marking stays with the organisation it was given to. */
const passable = TlpLabel.options.slice(0, 3);

function Asking({ agreed }: { readonly agreed: Agreed }) {
  const words = useWords();
  const { t, own } = words;
  const reader = useReader();
  const go = useGo();
  const parties = useAsk(partiesApi['organisations.list'], {});
  const ask = useAct(agreementsApi['sponsorships.ask']);
  const [typed, setTyped] = useState({ agency: '', grants: [] as string[], tlp: 'AMBER', level: 3 });
  const others = (parties.data?.organisations ?? []).filter((o) => o.id !== reader.organisation && o.id !== agreed.counterpart);
  const grants = agreed.clauses.flatMap((c) => c.machine.grants).filter((g) => g.grantee === 'authority');
  const order = TlpLabel.options;
  const narrow = (id: string) => {
    const own = grants.find((g) => g.id === id);
    const cap = TlpLabel.parse(typed.tlp);
    return {
      grant: id,
      maxTlp: own && order.indexOf(own.maxTlp) < order.indexOf(cap) ? own.maxTlp : cap,
      maxLevel: Math.min(own?.maxLevel ?? 0, typed.level),
    };
  };
  const act = () => ask.mutate(
    { agreement: agreed.id, agency: typed.agency, grants: typed.grants.map(narrow) }, { onSuccess: () => go('/sponsorships') });
  return (
    <Section>
      <Form
        act={t('sponsor.act')} onAct={act} busy={ask.isPending} error={ask.error}
        why={typed.agency && typed.grants.length > 0 ? null : t('sponsor.why')}
      >
        <NativeSelect
          label={t('sponsor.agency')} value={typed.agency} onChange={(e) => setTyped({ ...typed, agency: e.currentTarget.value })}
          data={[{ value: '', label: t('successions.choose') }, ...others.map((o) => ({ value: o.id, label: own(o.name, o.nameLocal) }))]}
        />
        <Checkbox.Group label={t('sponsor.grants')} value={typed.grants} onChange={(chosen) => setTyped({ ...typed, grants: chosen })}>
          <Stack gap={8} mt={6}>{grants.map((g) => <Checkbox key={g.id} value={g.id} label={sayGrant(words, agreed, g)} />)}</Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t('sponsor.tlp')} value={typed.tlp} data={passable.map((value) => ({ value, label: `TLP:${value}` }))}
          onChange={(e) => setTyped({ ...typed, tlp: e.currentTarget.value })}
        />
        <NativeSelect
          label={t('sponsor.level')} value={String(typed.level)}
          data={['1', '2', '3', '4'].map((value) => ({ value, label: `${value}: ${t(`level.${value}`)}` }))}
          onChange={(e) => setTyped({ ...typed, level: Number(e.currentTarget.value) })}
        />
      </Form>
    </Section>
  );
}
