/** For whom one's own organisation answers: each sponsored agency, where it stands and what was done under it. */
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../api.ts';
import { Reasoned } from './End.tsx';
import css from './View.module.css';
import { rightName, standingMeanings } from './words.ts';

type One = OutputOf<(typeof agreementsApi)['sponsorships.list']>['sponsorships'][number];

export function Sponsorships() {
  const { t } = useWords();
  const asked = useAsk(agreementsApi['sponsorships.list'], {}, { every: 10_000 });
  return (
    <Page title={t('sponsorships.title')} description={t('sponsorships.text')}>
      <Answer of={asked}>
        {({ sponsorships }) => (sponsorships.length === 0 ? (
          <EmptyState
            title={t('sponsorships.empty')} how={t('sponsorships.empty-how')}
            act={<ButtonLink to="/agreements" variant="default">{t('nav.agreements')}</ButtonLink>}
          />
        ) : sponsorships.map((s) => <Agency key={s.id} of={s} />))}
      </Answer>
    </Page>
  );
}

function Agency({ of }: { readonly of: One }) {
  const words = useWords();
  const { t, own, number } = words;
  const reader = useReader();
  const end = useAct(agreementsApi['sponsorships.end']);
  const name = own(of.agencyName, of.agencyNameLocal);
  const waits = (['counterpart', 'authority'] as const)
    .filter((side) => !of.signed.includes(side)).map((side) => (side === 'authority' ? name : of.providerName));
  const said = (fact: string): string => (words.has(`fact.${fact}`) ? t(`fact.${fact}`) : fact);
  return (
    <Section title={name} aside={<Mark is={standingMeanings[of.standing]}>{t(`standing.${of.standing}`)}</Mark>}>
      <Particulars
        items={[
          [t('sponsorships.provider'), of.providerName],
          [t('agreement.agreement'), own(of.title, of.titleVi)],
          [t('agreement.until'), <Time at={of.expiresAt} to="day" zone={of.zone} />],
          [t('edit.rights'), <span className={css.rights}>{of.rights.map((r) => <Tag key={r}>{rightName(words, r)}</Tag>)}</span>],
        ]}
      />
      {waits.length > 0 && of.standing !== 'ended' ? <p>{t('sponsorships.waits', { who: waits.join(', ') })}</p> : null}
      <p>{t('sponsorships.acts', { count: number(of.acts) })}</p>
      {of.latest.length > 0 ? (
        <ul className={css.changes}>
          {of.latest.slice(0, 5).map((f) => <li key={f.index}>{said(f.fact)}, {t('ui.clause', { clause: f.clause })}, <Time at={f.at} to="minute" /></li>)}
        </ul>
      ) : null}
      {of.standing !== 'ended' && reader.may('sponsorship.end') ? (
        <Reasoned
          open={t('sponsorships.end')} title={t('sponsorships.end-title', { name })} text={t('sponsorships.end-text')} act={t('sponsorships.end')}
          busy={end.isPending} error={end.error} onAct={(reason, done) => end.mutate({ sponsored: of.id, reason }, { onSuccess: done })}
        />
      ) : null}
    </Section>
  );
}
