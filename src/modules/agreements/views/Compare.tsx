/** What changed between two texts of an agreement, word by word and machine field by field. */
import { NativeSelect } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../api.ts';
import { fieldName, fieldValue } from './fields.ts';
import css from './View.module.css';
import type { Agreed } from './words.ts';

type Compared = OutputOf<(typeof agreementsApi)['agreements.compare']>;
type One = Compared['clauses'][number];
const meanings: Readonly<Record<One['is'], Meaning>> = { same: 'none', changed: 'warn', new: 'good', gone: 'danger' };

export function Compare() {
  const { t, own } = useWords();
  const id = usePathParameter('agreement');
  const [search, change] = useUrlState();
  const from = search['from'] ?? 'predecessor';
  const agreed = useAsk(agreementsApi['agreements.view'], { agreement: id });
  const versions = useAsk(agreementsApi['agreements.versions'], { agreement: id });
  const asked = useAsk(agreementsApi['agreements.compare'], { agreement: id, from });
  const named = (versions.data?.versions ?? []).map((v) => ({
    value: v.id, label: t(v.kind === 'rival' ? 'compare.rival' : 'compare.version', { version: v.version, who: v.personName ?? t('compare.nobody') }),
  }));
  return (
    <Page
      title={t('compare.title')} description={t('compare.text')}
      above={<Link to={`/agreements/${id}`}>{agreed.data ? own(agreed.data.title, agreed.data.titleVi) : t('agreement.agreement')}</Link>}
    >
      <NativeSelect
        label={t('compare.from')} value={from} maw={420} data={[{ value: 'predecessor', label: t('compare.predecessor') }, ...named]}
        onChange={(e) => change({ from: e.currentTarget.value })}
      />
      <Answer of={agreed}>{(a) => <Answer of={asked}>{(compared) => <Shown of={compared} agreed={a} />}</Answer>}</Answer>
    </Page>
  );
}

function Shown({ of, agreed }: { readonly of: Compared; readonly agreed: Agreed }) {
  const { t } = useWords();
  const changed = of.clauses.filter((c) => c.is !== 'same');
  const same = of.clauses.length - changed.length;
  return (
    <>
      {of.terms.length > 0 ? <Section title={t('compare.terms')}><Fields of={of.terms} agreed={agreed} /></Section> : null}
      <Section title={t('clauses.title')} note={same > 0 ? t('compare.same-count', { count: same }) : null}>
        {changed.length === 0 && of.terms.length === 0 ? <p style={{ margin: 0 }}>{t('compare.same')}</p> : null}
        <ol className={css.clauses}>{changed.map((c) => <Changed key={`${c.before} ${c.after}`} of={c} agreed={agreed} />)}</ol>
      </Section>
    </>
  );
}

function Changed({ of, agreed }: { readonly of: One; readonly agreed: Agreed }) {
  const { t, own, tongue } = useWords();
  const runs = tongue === 'vi' ? of.textVi : of.text;
  return (
    <li className={css.clause}>
      <span className={css.number}>{of.after ?? of.before}</span>
      <div>
        <div className={css.clauseHead}>
          <h3 className={css.clauseTitle}>{own(of.title, of.titleVi)}</h3>
          <Mark is={meanings[of.is]}>{t(`compared.${of.is}`)}</Mark>
        </div>
        <p className={css.text}>
          {runs.map((r, i) => {
            if (r.is === 'gone') return <del key={i} className={css.gone}>{r.text}</del>;
            return r.is === 'new' ? <ins key={i} className={css.came}>{r.text}</ins> : <span key={i}>{r.text}</span>;
          })}
        </p>
        {of.machine.length > 0 ? <Fields of={of.machine} agreed={agreed} /> : null}
      </div>
    </li>
  );
}

function Fields({ of, agreed }: { readonly of: Compared['terms']; readonly agreed: Agreed }) {
  const words = useWords();
  const { t } = words;
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('compare.field')}>
      <table className={css.matrix}>
        <thead><tr><th scope="col">{t('compare.field')}</th><th scope="col">{t('compare.before')}</th><th scope="col">{t('compare.after')}</th></tr></thead>
        <tbody>
          {of.map((c) => (
            <tr key={c.path}>
              <th scope="row">{fieldName(words, agreed, c.path)}</th>
              <td>{c.before ? <del className={css.gone}>{fieldValue(words, agreed, c.path, c.before)}</del> : t('compare.none')}</td>
              <td>{c.after ? <ins className={css.came}>{fieldValue(words, agreed, c.path, c.after)}</ins> : t('compare.none')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
