/** Suspending an agreement or a part on a stated ground; what is suspended, by whom, since when; lifting and acknowledging. */
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { Ground } from '../model.ts';
import { Reasoned } from './End.tsx';
import css from './View.module.css';
import { sideName, type Agreed } from './words.ts';

type One = Agreed['suspensions'][number];

export function Suspend({ agreed, part, title }: { readonly agreed: Agreed; readonly part: string | null; readonly title: string }) {
  const { t } = useWords();
  const [ground, setGround] = useState<One['ground']>('legal');
  const suspend = useAct(agreementsApi['agreements.suspend']);
  return (
    <Reasoned
      {...(part === null ? { size: 'xs' } : {})} open={t('suspend.open')} title={t('suspend.title', { title })} text={t('suspend.text')}
      act={t('suspend.act')} label={t('suspend.statement')}
      busy={suspend.isPending} error={suspend.error}
      onAct={(statement, done) => suspend.mutate({ agreement: agreed.id, part, ground, statement }, { onSuccess: done })}
    >
      <NativeSelect
        label={t('suspend.ground')} value={ground} data={Ground.options.map((value) => ({ value, label: t(`ground.${value}`) }))}
        onChange={(e) => setGround(Ground.parse(e.currentTarget.value))}
      />
    </Reasoned>
  );
}

export function Suspensions({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  if (agreed.suspensions.length === 0) return null;
  return (
    <Section title={t('suspensions.title')}>
      <ul className={css.changes}>
        {[...agreed.suspensions].reverse().map((s) => <Line key={s.id} agreed={agreed} of={s} />)}
      </ul>
    </Section>
  );
}

function Line({ agreed, of }: { readonly agreed: Agreed; readonly of: One }) {
  const words = useWords();
  const { t, own } = words;
  const reader = useReader();
  const lift = useAct(agreementsApi['agreements.lift']);
  const seen = useAct(agreementsApi['agreements.acknowledge-suspension']);
  const part = agreed.parts.find((p) => p.id === of.part);
  const mine = of.side === agreed.mySide;
  const at = { agreement: agreed.id, suspension: of.id };
  return (
    <li>
      <Mark is={of.liftedAt ? 'none' : 'warn'}>
        {t(of.liftedAt ? 'suspensions.lifted' : 'suspensions.open')}: {part ? own(part.title, part.titleVi) : t('suspend.whole')}
      </Mark>
      <p>{t('suspensions.by', { who: sideName(words, agreed, of.side), ground: t(`ground.${of.ground}`), statement: of.statement })}</p>
      <p>
        <Time at={of.at} to="minute" />{of.liftedAt ? <> – <Time at={of.liftedAt} to="minute" /></> : null}
        {of.acknowledgedAt ? <> · {t('suspensions.acknowledged')}</> : null}
      </p>
      {mine && !of.liftedAt && reader.may('agreement.suspend') ? (
        <Reasoned
          open={t('suspensions.lift')} title={t('suspensions.lift-title')} text={t('suspensions.lift-text')} act={t('suspensions.lift-act')}
          busy={lift.isPending} error={lift.error} onAct={(reason, done) => lift.mutate({ ...at, reason }, { onSuccess: done })}
        />
      ) : null}
      {!mine && !of.acknowledgedAt && reader.may('agreement.acknowledge-suspension') ? (
        <Button variant="default" size="compact-xs" loading={seen.isPending} onClick={() => seen.mutate(at)}>{t('suspensions.acknowledge')}</Button>
      ) : null}
      {seen.error ? <ProblemNote error={seen.error} /> : null}
    </li>
  );
}
