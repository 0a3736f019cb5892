/** Clauses with number, words, machine form and who attested them; the browser recomputes the digest of each text. */
import { useQuery } from '@tanstack/react-query';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import type { z } from 'zod';
import type { Clause } from '../model.ts';
import { itemsOf } from '../rules/attesting.ts';
import css from './View.module.css';
import { digestOf, rightName, sayGrant, type Agreed } from './words.ts';

type OneClause = z.infer<typeof Clause>;

export function Clauses({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  const checked = useQuery({
    queryKey: ['digests', agreed.id, agreed.version],
    queryFn: async () => Promise.all(agreed.clauses.map(async (c) => (await digestOf(c.text)) === c.textSha256)),
    staleTime: Infinity,
  });
  return (
    <Section
      title={t('clauses.title')} note={t('clauses.note')}
      aside={checked.data ? (
        <Mark is={checked.data.every(Boolean) ? 'good' : 'danger'}>
          {t(checked.data.every(Boolean) ? 'clauses.intact' : 'clauses.altered')}
        </Mark>
      ) : null}
    >
      <ol className={css.clauses}>{agreed.clauses.map((c) => <One key={c.number} clause={c} agreed={agreed} />)}</ol>
    </Section>
  );
}

function One({ clause, agreed }: { readonly clause: OneClause; readonly agreed: Agreed }) {
  const words = useWords();
  const { t, own, tongue } = words;
  const { grants, prohibitions } = clause.machine;
  return (
    <li className={css.clause} id={`clause-${clause.number}`}>
      <span className={css.number}>{clause.number}</span>
      <div>
        <div className={css.clauseHead}>
          <h3 className={css.clauseTitle}>{own(clause.title, clause.titleVi)}</h3>
          <Tag>{t(`clause-kind.${clause.kind}`)}</Tag>
        </div>
        <p className={css.text}>{own(clause.text, clause.textVi)}</p>
        {tongue === 'vi' ? <p className={`${css.text} e-small e-faint`} lang="en">{clause.text}</p> : null}
        {grants.length + prohibitions.length > 0 ? (
          <div className={css.machine}>
            {grants.map((grant) => <p key={grant.id}>{sayGrant(words, agreed, grant)}</p>)}
            {prohibitions.map((p) => (
              <p key={p.id}>{t('grant.forbids', { rights: p.actions.map((r) => rightName(words, r)).join(', ') })}</p>
            ))}
          </div>
        ) : null}
        <p className={css.attested}>
          <span>{t('clauses.digest')} <Hash value={clause.textSha256} /></span>
          {itemsOf(clause.machine).length > 0 ? (
            <span>
              {clause.attestations.length > 0
                ? t('clauses.attested', { names: clause.attestations.map((a) => a.personName).join(', ') }) : t('clauses.not-attested')}
            </span>
          ) : null}
        </p>
      </div>
    </li>
  );
}
