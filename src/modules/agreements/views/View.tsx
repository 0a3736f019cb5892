/** One agreement: where it stands, its pillars or authorisations, its clauses in words and in machine form, who signed. */
import { useAsk } from '#ui/asking';
import { Hash } from '#ui/Hash';
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { Answer, Block, Columns, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Timeline, type Step } from '#ui/Timeline';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { Attest } from './Attest.tsx';
import { Clauses } from './Clauses.tsx';
import { CopyOut } from './CopyOut.tsx';
import { Duties } from './Duties.tsx';
import { End, WithdrawPart } from './End.tsx';
import { Gains } from './Gains.tsx';
import { Sign } from './Sign.tsx';
import { Suspend, Suspensions } from './Suspensions.tsx';
import css from './View.module.css';
import { rightName, sideName, standingMeanings, type Agreed } from './words.ts';

const partMeanings: Readonly<Record<string, Meaning>> = { 'in-force': 'good', withdrawn: 'danger', 'not-included': 'none' };

export function View() {
  const words = useWords();
  const { t, own } = words;
  const id = usePathParameter('agreement');
  const asked = useAsk(agreementsApi['agreements.view'], { agreement: id });
  const agreed = asked.data;
  return (
    <Page
      title={agreed ? own(agreed.title, agreed.titleVi) : t('agreement.agreement')}
      above={<Link to="/agreements">{t('nav.agreements')}</Link>}
      description={agreed ? between(words, agreed) : null}
      act={agreed ? <ButtonLink to={`/agreements/${id}/rights`} variant={agreed.mayISign ? 'default' : 'filled'}>{t('matrix.title')}</ButtonLink> : null}
    >
      <Answer of={asked} skeleton={<Block height={420} />}>{(a) => <Body agreed={a} />}</Answer>
    </Page>
  );
}

function between(words: Words, agreed: Agreed): string {
  return words.t('agreement.between', {
    authority: sideName(words, agreed, 'authority'), counterpart: sideName(words, agreed, 'counterpart'),
  });
}

function Body({ agreed }: { readonly agreed: Agreed }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  return (
    <>
      <Doors agreed={agreed} />
      {agreed.mayISign && reader.may('agreement.sign') ? <Sign agreed={agreed} /> : null}
      {agreed.sponsorship ? <Section title={t('agreement.sponsored')} note={t('agreement.sponsored-how')}>{null}</Section> : null}
      <Suspensions agreed={agreed} />
      <Columns wide="left">
        <Section title={t('agreement.particulars')} aside={<Mark is={standingMeanings[agreed.standing]}>{t(`standing.${agreed.standing}`)}</Mark>}>
          <Particulars
            items={[
              [t('agreement.authority'), sideName(words, agreed, 'authority')],
              [t('agreement.counterpart'), sideName(words, agreed, 'counterpart')],
              [t('agreement.from'), <><Time at={agreed.effectiveAt} to="day" zone={agreed.zone} /> ({agreed.zone})</>],
              [t('agreement.until'), <><Time at={agreed.expiresAt} to="day" zone={agreed.zone} /> ({agreed.zone})</>],
              [t('agreement.products'), agreed.products.length > 0 ? agreed.products.join(', ') : t('agreement.no-products')],
              [t('agreement.document'), <Hash value={agreed.documentSha256} />],
            ]}
          />
        </Section>
        <Section title={t('agreement.life')}><Timeline label={t('agreement.life')} steps={life(words, agreed)} /></Section>
      </Columns>
      <Attest agreed={agreed} />
      <Parts agreed={agreed} />
      <Duties agreed={agreed} />
      <Changes agreed={agreed} />
      <Clauses agreed={agreed} />
      <CopyOut agreed={agreed} />
      <Trail subject={agreed.id} />
      {reader.may('agreement.end') && agreed.status !== 'ended' ? <End agreed={agreed} /> : null}
    </>
  );
}

/** Where one goes from here, besides the one act. */
function Doors({ agreed }: { readonly agreed: Agreed }) {
  const { t, own } = useWords();
  const reader = useReader();
  const to = (path: string): string => `/agreements/${agreed.id}/${path}`;
  const binds = agreed.status === 'active' || agreed.status === 'suspended';
  return (
    <div className={css.links}>
      {agreed.status === 'draft' && reader.may('agreement.edit') ? <ButtonLink size="xs" variant="default" to={to('edit')}>{t('edit.open')}</ButtonLink> : null}
      <ButtonLink size="xs" variant="default" to={to('compare')}>{t('compare.title')}</ButtonLink>
      {agreed.status === 'draft' ? null : <ButtonLink size="xs" variant="default" to={to('usage')}>{t('usage.title')}</ButtonLink>}
      {agreed.status === 'active' && agreed.mySide === 'authority' && !agreed.sponsorship && reader.may('sponsorship.ask')
        ? <ButtonLink size="xs" variant="default" to={to('sponsor')}>{t('sponsor.open')}</ButtonLink> : null}
      {binds && reader.may('agreement.suspend') ? <Suspend agreed={agreed} part={null} title={own(agreed.title, agreed.titleVi)} /> : null}
    </div>
  );
}

/** Before the second signature what it would change, afterwards what it changed. */
function Changes({ agreed }: { readonly agreed: Agreed }) {
  const asked = useAsk(agreementsApi['agreements.gains'], { agreement: agreed.id }, { enabled: agreed.status === 'draft' });
  if (agreed.activation) return <Gains agreed={agreed} changes={agreed.activation} stored />;
  return agreed.status === 'draft' && asked.data ? <Gains agreed={agreed} changes={asked.data} stored={false} /> : null;
}

/** Whether its first day has come, as far as the answer tells: an ended one had, if that day lay before the last signature. */
function tookEffect({ standing, signatures, effectiveAt }: Agreed): boolean {
  return ['in-force', 'suspended', 'expired'].includes(standing)
    || (standing === 'ended' && signatures.length === 2 && signatures.some((s) => s.at >= effectiveAt));
}

function life(words: Words, agreed: Agreed): Step[] {
  const { t } = words;
  const sides = ['authority', 'counterpart'] as const;
  return [
    { key: 'drafted', title: t('life.drafted'), at: agreed.createdAt, is: 'good' },
    ...sides.map((side): Step => {
      const signed = agreed.signatures.find((s) => s.side === side);
      return {
        key: side, is: signed ? 'good' : 'none', at: signed?.at ?? null,
        title: t(signed ? 'life.signed' : 'life.to-sign', { who: sideName(words, agreed, side) }), by: signed?.personName,
      };
    }),
    {
      key: 'effective', title: t('life.effective'), at: agreed.effectiveAt, to: 'day', zone: agreed.zone,
      is: tookEffect(agreed) ? 'good' : 'none',
    },
    ...agreed.successions.map((s): Step => ({
      key: s.succession, at: s.at, is: 'info', title: t('life.succeeded', { from: s.from, to: sideName(words, agreed, s.side) }),
    })),
    agreed.status === 'ended'
      ? { key: 'ended', title: t('standing.ended'), at: null, is: 'danger' }
      : {
          key: 'expires', title: t('life.expires'), at: agreed.expiresAt, to: 'day', zone: agreed.zone,
          is: agreed.standing === 'expired' ? 'danger' : 'none',
        },
  ];
}

/** A part cannot be in force where its agreement is not: then the agreement's own standing is said. */
function PartMark({ agreed, part, state }: { readonly agreed: Agreed; readonly part: string; readonly state: string }) {
  const { t } = useWords();
  if (state === 'in-force' && agreed.suspensions.some((s) => s.part === part && s.liftedAt === null)) {
    return <Mark is="warn">{t('standing.suspended')}</Mark>;
  }
  return state === 'in-force' && agreed.standing !== 'in-force'
    ? <Mark is={standingMeanings[agreed.standing]}>{t(`standing.${agreed.standing}`)}</Mark>
    : <Mark is={partMeanings[state] ?? 'none'}>{t(`part.${state}`)}</Mark>;
}

function Parts({ agreed }: { readonly agreed: Agreed }) {
  const words = useWords();
  const { t, own } = words;
  const reader = useReader();
  return (
    <Section bare title={t(`parts.${agreed.partNoun}`)} note={t('parts.note')}>
      <div className={css.cards}>
        {agreed.parts.map((part) => (
          <article key={part.id} className={css.card} data-state={part.state}>
            <div className={css.cardHead}>
              <h3 className={css.cardTitle}>{own(part.title, part.titleVi)}</h3>
              <PartMark agreed={agreed} part={part.id} state={part.state} />
            </div>
            <p className={css.summary}>{own(part.summary, part.summaryVi)}</p>
            <div className={css.rights}>
              {part.rights.map((right) => <Tag key={right}>{rightName(words, right)}</Tag>)}
            </div>
            {part.state === 'in-force' && agreed.status === 'active' && reader.may('agreement.withdraw-part') ? (
              <div className={css.links}>
                <Suspend agreed={agreed} part={part.id} title={own(part.title, part.titleVi)} />
                <WithdrawPart agreed={agreed} part={part.id} title={own(part.title, part.titleVi)} />
              </div>
            ) : null}
          </article>
        ))}
      </div>
    </Section>
  );
}
