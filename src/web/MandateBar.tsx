/** As whom, for whom and by what right one works: person, organisation, roles, and the agreements in force. */
import { agreementsApi } from '#modules/agreements/api';
import { useAsk } from '#ui/asking';
import { useReader } from '#ui/reader';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import css from './MandateBar.module.css';
import { useSession } from './session.tsx';

export function MandateBar() {
  const { t, own } = useWords();
  const { actor, mode } = useSession();
  if (!actor) {
    return (
      <div className={css.bar} role="region" aria-label={t('mandate.label')}>
        <span>{t('mandate.visitor')}</span>
        <Link to={mode === 'demo' ? '/continue' : '/sign-in'}>
          {mode === 'demo' ? t('mandate.continue-as') : t('mandate.sign-in')}
        </Link>
      </div>
    );
  }
  const { person, organisation } = actor;
  return (
    <div className={css.bar} role="region" aria-label={t('mandate.label')}>
      <span className={css.who}>{person.name}</span>
      <span className={css.for}>{own(organisation.name, organisation.nameLocal)}</span>
      <span className={css.role}>{person.roles.map((role) => t(`role.${role}`)).join(', ') || t('mandate.no-role')}</span>
      <InForce />
    </div>
  );
}

function InForce() {
  const { t, own, day } = useWords();
  const reader = useReader();
  const list = useAsk(agreementsApi['agreements.list'], {}, { enabled: reader.may('agreement.list') });
  if (!list.data) return null;
  const inForce = list.data.agreements.filter((a) => a.standing === 'in-force');
  const [first] = inForce;
  if (!first) return <span className={css.none}>{t('mandate.none')}</span>;
  if (inForce.length > 1) {
    return <Link to="/agreements" className={css.right}>{t('mandate.several', { count: inForce.length })}</Link>;
  }
  return (
    <Link to={`/agreements/${first.id}`} className={css.right}>
      {t('mandate.under', { title: own(first.title, first.titleVi), until: day(first.expiresOn) })}
    </Link>
  );
}
