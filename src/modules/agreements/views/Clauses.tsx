/** Clauses with number, words, machine form and who attested them; the browser recomputes the digest of each text. */
import { useQuery } from '@tanstack/react-query';
import { useAct } from '#ui/asking';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import type { z } from 'zod';
import { agreementsApi } from '../api.ts';
import type { Clause } from '../model.ts';
import { itemsOf } from '../rules/attesting.ts';
import type { GrantSpec } from '../terms.ts';
import { Reasoned } from './End.tsx';
import css from './View.module.css';
import { digestOf, sayGrant, sayLimits, sayRest, type Agreed } from './words.ts';

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
  const rest = sayRest(words, agreed, clause.machine);
  return (
    <li className={css.clause} id={`clause-${clause.number}`}>
      <span className={css.number}>{clause.number}</span>
      <div>
        <div className={css.clauseHead}>
          <h3 className={css.clauseTitle}>{own(clause.title, clause.titleVi)}</h3>
          <Tag>{t(`clause-kind.${clause.kind}`)}</Tag>
        </div>
        <p className={css.text}>{own(clause.text, clause.textVi)}</p>
        {tongue === 'vi' ? (
          <details className={css.original}>
            <summary>{t('clauses.original')}</summary>
            <p lang="en">{clause.text}</p>
          </details>
        ) : null}
        {itemsOf(clause.machine).length > 0 ? (
          <div className={css.machine}>
            {clause.machine.grants.map((grant) => <Grant key={grant.id} grant={grant} agreed={agreed} />)}
            {rest.map(({ id, said }) => <p key={id}>{said}</p>)}
          </div>
        ) : <p className={`${css.text} e-small e-quiet`}>{t('clauses.narrative')}</p>}
        <Attested clause={clause} agreed={agreed} />
      </div>
    </li>
  );
}

function Grant({ grant, agreed }: { readonly grant: GrantSpec; readonly agreed: Agreed }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const revoke = useAct(agreementsApi['agreements.revoke-grant']);
  const revoked = agreed.revocations.find((r) => r.grant === grant.id);
  const binds = agreed.status === 'active' || agreed.status === 'suspended';
  return (
    <p>
      <span style={revoked ? { textDecoration: 'line-through' } : {}}>
        {[sayGrant(words, agreed, grant), ...sayLimits(words, grant)].join(' ')}
      </span>{' '}
      {revoked ? <Mark is="danger">{t('grant.revoked', { reason: revoked.reason })}</Mark> : null}
      {!revoked && binds && reader.may('agreement.revoke-grant') ? (
        <Reasoned
          subtle open={t('grant.revoke')} title={t('grant.revoke-title')} text={t('grant.revoke-text')} act={t('grant.revoke')}
          busy={revoke.isPending} error={revoke.error}
          onAct={(reason, done) => revoke.mutate({ agreement: agreed.id, grant: grant.id, reason }, { onSuccess: done })}
        />
      ) : null}
    </p>
  );
}

function Attested({ clause, agreed }: { readonly clause: OneClause; readonly agreed: Agreed }) {
  const { t } = useWords();
  const progress = agreed.attesting.find((a) => a.clause === clause.number);
  return (
    <p className={css.attested}>
      <span>{t('clauses.digest')} <Hash value={clause.textSha256} /></span>
      {progress ? (
        <>
          <Mark is={progress.attested === progress.items ? 'good' : 'wait'}>
            {t('clauses.progress', { done: progress.attested, count: progress.items })}
          </Mark>
          <span>
            {clause.attestations.length > 0
              ? t('clauses.attested', { names: clause.attestations.map((a) => a.personName).join(', ') }) : t('clauses.not-attested')}
          </span>
          {progress.attested < progress.items ? <span>{t('clauses.uncounted')}</span> : null}
        </>
      ) : null}
    </p>
  );
}
