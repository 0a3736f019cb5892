/** One verdict: why it is what it is. The tree of what was tried and proved, every region that differs, and the bytes of both sides. */
import { Button } from '@mantine/core';
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Lines, Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import type { Region } from '../model.ts';
import { Bytes } from './Bytes.tsx';
import { Why } from './Why.tsx';
import { EquivalenceMark, VerdictMark } from './marks.tsx';
import css from './builds.module.css';

type View = OutputOf<(typeof buildsApi)['verdicts.view']>;
const ways = ['unexplained', 'explained', 'covered'] as const;

export function Verdict() {
  const { t } = useWords();
  const id = usePathParameter('verdict');
  const [{ only, cursor }] = useUrlState();
  const asked = useAsk(buildsApi['verdicts.view'], {
    verdict: id, cursor: Number(cursor ?? 0) || 0, ...ways.some((w) => w === only) ? { only: only as (typeof ways)[number] } : {},
  }, { keep: true });
  const { file, release, productName, version } = asked.data ?? {};
  return (
    <Page
      title={file ? t('builds.verdict-on', { name: file.name }) : t('builds.verdict')}
      above={release === undefined ? null : <Link to={`/releases/${release}/rebuilds`}>{t('builds.rebuilds-of', { name: `${productName} ${version}` })}</Link>}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <><About {...view} /><Why {...view} /><Regions {...view} /></>}</Answer>
    </Page>
  );
}

function About({ verdict: v, file, rebuilt }: View) {
  const { t, number } = useWords();
  return (
    <Section>
      <Particulars
        items={[
          [t('builds.verdict'), <VerdictMark key="v" verdict={v.stands} />],
          [t('builds.public-word'), <span key="s">{file.summary === null ? '' : <EquivalenceMark state={file.summary} />}
            {file.dissent ? <> <Tag>{t('builds.dissent-short')}</Tag></> : null}</span>],
          [t('builds.rebuilder'), <span key="by">{v.rebuilderName}, {v.orgName}{v.provider ? <> <Tag>{t('builds.provider')}</Tag></> : null}</span>],
          [t('builds.checked'), <Checked key="c" of={v} />],
          [t('builds.shipped'), <span key="a"><Hash value={file.sha256} keep={12} /><br />{t('builds.bytes', { count: number(file.size) })}</span>],
          ...rebuilt === null ? [] : [[t('builds.rebuilt'), <span key="b"><Hash value={rebuilt.sha256} keep={12} /><br />
            {t('builds.bytes', { count: number(rebuilt.bytes) })}</span>] as const],
          [t('builds.when'), <Time key="at" at={v.at} />],
          [t('builds.rebuild'), <Link key="r" to={`/rebuilds/${v.rebuild}`}>{t('builds.how-built')}</Link>],
          ...v.supersededBy === null ? [] : [[t('builds.superseded'), <span key="x"><Link to={`/verdicts/${v.supersededBy}`}>{t('builds.newer')}</Link>
            {v.supersededWhy === null ? '' : `: ${v.supersededWhy}`}</span>] as const],
        ]}
      />
    </Section>
  );
}

function Checked({ of: { check, said } }: { readonly of: View['verdict'] }) {
  const { t } = useWords();
  if (check === 'unchecked') return <Mark is="wait">{t('builds.check-unchecked')}</Mark>;
  if (check === 'agrees') return <Mark is="good">{t('builds.check-agrees')}</Mark>;
  return <><Mark is="danger">{t('builds.check-contradicts')}</Mark> {t('builds.it-said')} <VerdictMark verdict={said} /></>;
}

function Stand({ of: { rule, cause } }: { readonly of: Region }) {
  const { t } = useWords();
  if (rule !== null) return <Tag>{t(`builds.rule-${rule}`)}</Tag>;
  if (cause !== null) return <Mark is="warn">{t('builds.caused-by', { fact: t(`builds.fact-${cause.name}`) })}</Mark>;
  return <Mark is="danger">{t('builds.unexplained')}</Mark>;
}

const placeOf = (range: Region['shipped']): string => (range === null ? '' : `0x${range.from.toString(16)}–0x${range.to.toString(16)}`);

function Regions({ regions, counts, next, bytes, verdict }: View) {
  const { t, number } = useWords();
  const [{ region }, change] = useUrlState();
  const chosen = regions.find((r) => String(r.index) === region) ?? null;
  if (verdict.said === 'IDENTICAL') {
    return <Section title={t('builds.regions')}><EmptyState title={t('builds.no-region')} how={t('builds.no-region-how')} /></Section>;
  }
  if (verdict.said === 'NOT-REBUILT') return null;
  return (
    <Section title={t('builds.regions')} note={t('builds.regions-text')}>
      <p>{t('builds.regions-sum', { unexplained: number(counts.unexplained), explained: number(counts.explained), covered: number(counts.covered) })}
        {counts.leftOut > 0 ? ` ${t('builds.left-out', { count: number(counts.leftOut) })}` : ''}</p>
      <div className={css.filters}><Filters names={['only']}>
        <Choice name="only" label={t('builds.only')} all={t('ui.all')} options={ways.map((value) => ({ value, label: t(`builds.only-${value}`) }))} />
      </Filters></div>
      <RowTable
        label={t('builds.regions')} rows={regions} rowKey={(r) => String(r.index)} tall={480}
        empty={<EmptyState title={t('builds.none-such')} how={t('builds.none-such-how')} />}
        columns={[
          { key: 'part', head: t('builds.part'), wrap: true, spare: true, cell: (r) => <code>{r.part.join(' › ') || t('builds.the-file')}</code> },
          { key: 'region', head: t('builds.region'), wrap: true, sort: (r) => r.region, cell: (r) => <><code>{r.region}</code>
            {r.executable ? <> <Mark is="danger">{t('builds.code')}</Mark></> : null}</> },
          { key: 'bytes', head: t('builds.differing'), right: true, sort: (r) => r.bytes, cell: (r) => number(r.bytes) },
          { key: 'place', head: t('builds.place'), spare: true, cell: (r) => <code>{placeOf(r.shipped ?? r.rebuilt)}</code> },
          { key: 'stand', head: t('builds.stands'), sort: (r) => r.rule ?? '', cell: (r) => <Stand of={r} /> },
          { key: 'open', head: t('builds.look'), cell: (r) => (r.runs === 0 || bytes !== 'yes' ? '' : (
            <Button size="compact-sm" variant="default" aria-pressed={chosen === r} onClick={() => change({ region: chosen === r ? '' : String(r.index) })}>
              {t('builds.show-bytes')}
            </Button>
          )) },
        ]}
      />
      {next === null ? null : (
        <p><Button size="compact-sm" variant="default" onClick={() => change({ cursor: String(next), region: '' })}>{t('builds.more')}</Button></p>
      )}
      {bytes === 'yes' ? null : <p className="e-small e-faint">{t(`builds.bytes-${bytes}`)}</p>}
      {chosen && bytes === 'yes' ? <Bytes key={chosen.index} verdict={verdict.id} region={chosen} /> : null}
    </Section>
  );
}
