/** Which of one's products are affected: package URLs or CPE names as one has them, or a bill of materials. Nothing of it is kept. */
import { Button, FileInput, Textarea } from '@mantine/core';
import { IconFileCode } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTransport } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { TlpLabel } from '#ui/TlpLabel';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { vulnerabilitiesApi } from '../api.ts';
import type { CheckedAll, Finding } from '../model.ts';
import { ExploitedMark, SeverityMark, usePercent, vulnerabilityAddress } from './marks.tsx';

const most = 5_000;
/** One product a line, or parted by blanks and commas, as lists are pasted. */
const productsIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((p) => p !== ''))];

export function CheckProducts() {
  const { t, number } = useWords();
  const { ask, send } = useTransport();
  const [text, setText] = useState('');
  const [bill, setBill] = useState<File | null>(null);
  const products = productsIn(text);
  const check = useMutation<CheckedAll>({
    mutationFn: async () => {
      if (!bill) return ask(vulnerabilitiesApi['vulnerabilities.affected'], { products });
      const told: { answer?: CheckedAll } = {};
      await send('/api/vulnerabilities/bills', bill, {
        sent: () => undefined, line: (value) => { told.answer = value as CheckedAll; },
      });
      if (!told.answer) throw new Error('no answer');
      return told.answer;
    },
  });
  const why = bill === null && products.length === 0 ? t('check.why') : products.length > most ? t('check.too-many', { most: number(most) }) : null;
  return (
    <Page title={t('nav.check-products')} description={t('check.text')} above={<Link to="/vulnerabilities">{t('nav.vulnerabilities')}</Link>}>
      <Section>
        <Form
          act={t('check.act')} busy={check.isPending} why={why} error={check.error} onAct={() => check.mutate()}
          aside={check.data ? <Button variant="default" onClick={() => check.reset()}>{t('check.clear')}</Button> : null}
        >
          <Textarea
            label={t('check.products')} description={t('check.products-how')} value={text} autosize minRows={5} maxRows={14} disabled={bill !== null}
            onChange={(e) => setText(e.currentTarget.value)} spellCheck={false} styles={{ input: { fontFamily: 'var(--e-mono)' } }}
          />
          <FileInput
            label={t('check.bill')} description={t('check.bill-how')} placeholder={t('ingest.choose')} value={bill} onChange={setBill} accept=".json,.cdx,.spdx"
            leftSection={<IconFileCode size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
          />
        </Form>
      </Section>
      {check.data ? <Result of={check.data} /> : null}
    </Page>
  );
}

interface Line { readonly asked: string; readonly version: string | null; readonly finding: Finding; readonly group: 'affected' | 'undecided' | 'not' }
const meanings: Readonly<Record<string, Meaning>> = {
  affected: 'danger', fixed: 'good', 'not-affected': 'good', 'under-investigation': 'wait', recommended: 'info', unknown: 'warn',
};

function Result({ of: all }: { readonly of: CheckedAll }) {
  const { t, number } = useWords();
  const lines = all.items.flatMap(({ asked, version, affected, undecided, notAffected }): Line[] => [
    ...affected.map((finding) => ({ asked, version, finding, group: 'affected' as const })),
    ...undecided.map((finding) => ({ asked, version, finding, group: 'undecided' as const })),
    ...notAffected.map((finding) => ({ asked, version, finding, group: 'not' as const })),
  ]);
  const unread = all.items.filter((i) => i.problem !== null);
  const of = (group: Line['group']): Line[] => lines.filter((l) => l.group === group);
  return (
    <div aria-live="polite">
      <Section title={t('check.result')}>
        <Particulars
          items={[
            [t('check.asked'), number(all.asked)],
            [t('check.affected'), all.affected === 0
              ? <Mark key="a" is="good">{t('check.none')}</Mark> : <Mark key="a" is="danger">{number(all.affected)}</Mark>],
            ...all.nameless > 0 ? [[t('check.nameless'), number(all.nameless)] as const] : [],
            ...all.unreadable > 0 ? [[t('check.unreadable'), number(all.unreadable)] as const] : [],
          ]}
        />
        {all.items.some((i) => i.leftOff) ? <p className="e-small e-faint">{t('check.left-off')}</p> : null}
        {of('affected').length === 0
          ? <EmptyState title={t('check.none')} how={t('check.none-how')} /> : <Found label={t('check.affected')} lines={of('affected')} />}
      </Section>
      {of('undecided').length > 0 ? (
        <Section title={t('check.undecided')} note={t('check.undecided-text')}><Found label={t('check.undecided')} lines={of('undecided')} /></Section>
      ) : null}
      {of('not').length > 0 ? <Section title={t('check.not')} note={t('check.not-text')}><Found label={t('check.not')} lines={of('not')} /></Section> : null}
      {unread.length > 0 ? (
        <Section title={t('check.unreadable')}>
          <RowTable
            label={t('check.unreadable')} rows={unread} rowKey={(i) => i.asked}
            columns={[
              { key: 'asked', head: t('vuln.product'), wrap: true, cell: (i) => <code className="e-break">{i.asked}</code> },
              { key: 'problem', head: t('import-threats.what'), wrap: true, cell: (i) => i.problem ?? '' },
            ]}
          />
        </Section>
      ) : null}
    </div>
  );
}

/** Lines of one product and one vulnerability as one: what each source says stands within it. */
interface Joined { readonly asked: string; readonly name: string; readonly top: Finding; readonly said: readonly Finding[] }

function joined(lines: readonly Line[]): Joined[] {
  const found = new Map<string, Finding[]>();
  for (const { asked, finding } of lines) {
    const key = JSON.stringify([asked, finding.name]);
    found.set(key, [...found.get(key) ?? [], finding]);
  }
  return [...found].map(([key, said]) => {
    const [asked = '', name = ''] = JSON.parse(key) as string[];
    const top = said.reduce((best, f) => ((f.score ?? -1) > (best.score ?? -1) ? f : best));
    return { asked, name, top, said };
  });
}

function Found({ label, lines }: { readonly label: string; readonly lines: readonly Line[] }) {
  const { t } = useWords();
  const percent = usePercent();
  return (
    <RowTable
      label={label} rows={joined(lines)} rowKey={(j) => `${j.asked} ${j.name}`} tall={520}
      columns={[
        {
          key: 'name', head: t('vuln.id'), wrap: true, sort: (j) => j.name,
          cell: (j) => (
            <><Link to={vulnerabilityAddress(j.name)}>{j.name}</Link><br /><code className="e-small" style={{ wordBreak: 'break-all' }}>{j.asked}</code></>
          ),
        },
        {
          key: 'severity', head: t('vuln.severity'), sort: (j) => j.top.score ?? -1,
          cell: ({ top }) => (
            <span style={{ display: 'inline-grid', gap: 4, justifyItems: 'start' }}>
              <SeverityMark score={top.score} severity={top.severity} />{top.exploited ? <ExploitedMark /> : null}
              {top.probability === null ? null : <span className="e-small">EPSS {percent(top.probability)}</span>}
            </span>
          ),
        },
        { key: 'why', head: t('vuln.why'), wrap: true, cell: ({ said }) => <>{said.map((f) => <Reason key={f.record} of={f} />)}</> },
        {
          key: 'fixed', head: t('check.fixed'), spare: true, sort: (j) => j.said.flatMap((f) => f.fixed).join(),
          cell: ({ said }) => [...new Set(said.flatMap((f) => f.fixed))].join(', '),
        },
      ]}
    />
  );
}

/** One source's reason, with its name. */
function Reason({ of: f }: { readonly of: Finding }) {
  const { t, has } = useWords();
  return (
    <div style={{ padding: '2px 0', minWidth: 130 }}>
      <Mark is={meanings[f.status] ?? 'none'}>{t(`vuln-status.${f.status}`)}</Mark> {t(`check.by-${f.by}`, { what: f.what })}
      {f.through === 'name' ? ` ${t('check.by-name')}` : f.certain ? '' : ` ${t('check.unsure')}`}
      {f.justification === null ? '' : `. ${has(`vex.${f.justification}`) ? t(`vex.${f.justification}`) : f.justification}`}
      {f.statement === null ? '' : `. ${f.statement}`}{' '}
      <span className="e-small e-faint">{f.source === 'own' ? t('vuln.source-own') : f.source}</span>{f.tlp === 'CLEAR'
        ? null : <> <TlpLabel label={f.tlp} /></>}
    </div>
  );
}
