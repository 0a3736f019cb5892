/** A new scan job: of one constituent, of what it holds, for a time and with a reason. Without its clause the hub says which is missing. */
import { Group, NativeSelect, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { constituentsApi } from '#modules/constituents/api/index';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { ButtonLink, Link, useGo, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

/** As the field of a form has it: local, to the minute. */
const local = (ms: number): string => {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const dayMs = 86_400_000;

export function RequestScan() {
  const { t } = useWords();
  const [search] = useUrlState();
  const listed = useAsk(constituentsApi.list, { limit: 200 });
  return (
    <Page title={t('nav.scan-request')} description={t('request-scan.text')} above={<Link to="/scans">{t('nav.scans')}</Link>}>
      <Answer of={listed}>
        {({ items }) => (items.length === 0 ? (
          <EmptyState
            title={t('constituents.empty')} how={t('request-scan.none-how')}
            act={<ButtonLink to="/constituents">{t('nav.constituents')}</ButtonLink>}
          />
        ) : <Fields constituents={items} chosen={search['constituent'] ?? items[0]?.id ?? ''} />)}
      </Answer>
    </Page>
  );
}

interface FieldsProps {
  readonly constituents: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: string;
}

function Fields({ constituents, chosen }: FieldsProps) {
  const { t } = useWords();
  const go = useGo();
  const [typed, setTyped] = useState(() => ({
    constituent: chosen, targets: [] as string[], ports: ['80', '443'], from: local(Date.now()), until: local(Date.now() + dayMs), reason: '',
  }));
  const set = (patch: Partial<typeof typed>) => setTyped({ ...typed, ...patch });
  const viewed = useAsk(constituentsApi.view, { constituent: typed.constituent }, { enabled: typed.constituent !== '' });
  const held = (viewed.data?.assets ?? []).filter((a) => (a.kind === 'prefix' || a.kind === 'domain') && a.to === null).map((a) => a.value);
  const request = useAct(landscapeApi.requestScan);
  const ready = typed.targets.length > 0 && typed.ports.length > 0 && typed.reason.trim().length >= 3 && typed.from !== '' && typed.until !== '';
  const act = () => request.mutate({
    constituent: typed.constituent, targets: typed.targets, ports: typed.ports, reason: typed.reason.trim(),
    from: new Date(typed.from).toISOString(), until: new Date(typed.until).toISOString(),
  }, { onSuccess: ({ job }) => go(`/scans/${job.id}`) });
  return (
    <Section>
      <Form act={t('request-scan.act')} busy={request.isPending} error={request.error} why={ready ? null : t('request-scan.why')} onAct={act}>
        <NativeSelect
          label={t('scans.constituent')} value={typed.constituent} data={constituents.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(e) => set({ constituent: e.currentTarget.value, targets: [] })}
        />
        <TagsInput
          label={t('scans.targets')} description={t('request-scan.targets-how')} value={typed.targets} data={[...new Set(held)]}
          onChange={(targets) => set({ targets })}
        />
        <TagsInput
          label={t('scans.ports')} description={t('request-scan.ports-how')} value={typed.ports} onChange={(ports) => set({ ports })}
        />
        <Group gap="sm" align="end">
          <TextInput
            type="datetime-local" label={t('scans.from')} value={typed.from} style={{ flex: '1 1 180px' }}
            onChange={(e) => set({ from: e.currentTarget.value })}
          />
          <TextInput
            type="datetime-local" label={t('scans.until')} value={typed.until} style={{ flex: '1 1 180px' }}
            onChange={(e) => set({ until: e.currentTarget.value })}
          />
        </Group>
        <Textarea
          label={t('field.reason')} description={t('request-scan.reason-how')} value={typed.reason} autosize
          onChange={(e) => set({ reason: e.currentTarget.value })}
        />
      </Form>
    </Section>
  );
}
