/** Is anything known of these? Values pasted from a log or a report, each with what covers it, within reach. */
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { TlpLabel } from '#ui/TlpLabel';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { lookupApi } from '../api/lookup.ts';

type Item = OutputOf<(typeof lookupApi)['threats.lookUp']>['items'][number];
const most = 10_000;

const valuesOf = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).map((v) => v.slice(0, 8_192)).filter((v) => v !== ''))];

export function LookUp() {
  const { t, number } = useWords();
  const [text, setText] = useState('');
  const ask = useAct(lookupApi['threats.lookUp']);
  const values = valuesOf(text);
  const missing = values.length === 0 ? t('look-up.missing') : null;
  const why = values.length > most ? t('look-up.too-many', { most: number(most) }) : missing;
  return (
    <Page title={t('nav.look-up')} description={t('look-up.text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Section>
        <Form act={t('look-up.act')} busy={ask.isPending} error={ask.error} why={why} onAct={() => ask.mutate({ values, all: true })} wide>
          <Textarea
            label={t('look-up.values')} description={t('look-up.values-how')} value={text} autosize minRows={4} maxRows={16} spellCheck={false}
            onChange={(e) => setText(e.currentTarget.value)} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
        </Form>
      </Section>
      {ask.data ? (
        <Section title={t('look-up.found', { count: number(ask.data.found), all: number(ask.data.asked) })}>
          <Found items={ask.data.items} />
        </Section>
      ) : null}
    </Page>
  );
}

/** What is known first; what is not known last. */
const weight = (i: Item): number => (i.hits.some((h) => !h.expired) || i.blind.length > 0 ? 2 : Number(i.hits.length > 0));

/** What stands above a URL is its host, above a mail address its domain. */
function coverWords(kind: Item['kind'], covers: Item['hits'][number]['covers']): string {
  if (covers === 'prefix') return 'look-up.covers-prefix';
  if (covers === 'path') return 'look-up.covers-path';
  return kind === 'url' ? 'look-up.covers-host' : kind === 'email' ? 'look-up.covers-mail' : 'look-up.covers-parent';
}

const stateWords = ['look-up.unknown', 'look-up.expired', 'look-up.known'] as const;

function Found({ items }: { readonly items: readonly Item[] }) {
  const { t } = useWords();
  const rows = [...items].sort((a, b) => weight(b) - weight(a));
  return (
    <RowTable
      label={t('nav.look-up')} rows={rows} rowKey={(i) => i.asked} tall={640}
      empty={<EmptyState title={t('look-up.none')} how={t('look-up.none-how')} />}
      columns={[
        {
          key: 'asked', head: t('look-up.value'), wrap: true, sort: (i) => i.value ?? i.asked,
          cell: (i) => (
            <>
              <code>{i.value ?? i.asked}</code>
              {i.value !== null && i.value !== i.asked.trim() ? <div className="e-faint">{i.asked}</div> : null}
            </>
          ),
        },
        { key: 'kind', head: t('threats.type'), spare: true, cell: (i) => i.kind ?? <span className="e-faint">{t('look-up.no-kind')}</span> },
        {
          key: 'state', head: t('threats.state'), sort: weight, wrap: true,
          cell: (i) => (
            <>
              <Mark is={weight(i) === 2 ? 'danger' : 'none'}>{t(stateWords[weight(i)] ?? 'look-up.unknown')}</Mark>
              {i.benign.length > 0 ? <div>{t('look-up.benign', { lists: i.benign.join(', ') })}</div> : null}
            </>
          ),
        },
        {
          key: 'hits', head: t('look-up.hits'), wrap: true,
          cell: (i) => (
            <>
              {i.hits.slice(0, 10).map((h) => (
                <div key={`${h.owner} ${h.id}`}>
                  <Link to={`/threats/${h.id}`}>{h.name || h.id}</Link>{' '}<TlpLabel label={h.tlp} />
                  {h.covers === 'exact' ? null : <span className="e-faint"> {t(coverWords(i.kind, h.covers))} <code>{h.value}</code></span>}
                </div>
              ))}
              {i.hits.length > 10 ? <div className="e-faint">{t('look-up.more', { count: i.hits.length - 10 })}</div> : null}
              {i.blind.map((b) => <div key={b.list}><Mark is="danger">{b.title}</Mark>{' '}{b.contact}</div>)}
            </>
          ),
        },
      ]}
    />
  );
}
