/** May this be shared with them? The rule of its label and the clause of the agreement, before anything is shown to anybody. */
import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { agreementsApi } from '../../agreements/api.ts';
import { exchangeApi } from '../api/exchange.ts';
import { resharesApi } from '../api/reshares.ts';
import { otherOf } from './partners.ts';

export function MayShare({ object }: { readonly object: string }) {
  const { t } = useWords();
  const own = useReader().organisation;
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const ask = useAct(exchangeApi['threats.mayShare']);
  const [other, setOther] = useState('public');
  const partners = new Map((agreements.data?.agreements ?? []).filter((a) => a.status === 'active')
    .map((a) => [otherOf(a, own).id, otherOf(a, own).name] as const));
  return (
    <Section title={t('may-share.title')}>
      <div style={{ display: 'flex', gap: 8, alignItems: 'end', flexWrap: 'wrap', marginBottom: 12 }}>
        <NativeSelect
          label={t('may-share.with')} value={other} w={320} maw="100%"
          onChange={(e) => {
            setOther(e.currentTarget.value);
            ask.reset();
          }}
          data={[{ value: 'public', label: t('may-share.public') }, ...[...partners].map(([value, label]) => ({ value, label }))]}
        />
        <Button
          variant="default" loading={ask.isPending}
          onClick={() => ask.mutate({ object, with: other, act: other === 'public' ? 'publish' : 'show' })}
        >
          {t('may-share.act')}
        </Button>
      </div>
      {ask.error ? <ProblemNote error={ask.error} /> : null}
      {ask.data ? <Told of={ask.data} /> : null}
      {ask.data && !ask.data.may && !ask.data.labelAllows ? <AskSource key={other} object={object} other={other} /> : null}
    </Section>
  );
}

/** What the label does not let go further, its source may. */
function AskSource({ object, other }: { readonly object: string; readonly other: string }) {
  const { t } = useWords();
  const ask = useAct(resharesApi['reshares.ask']);
  const [reason, setReason] = useState('');
  if (ask.data) {
    return (
      <p aria-live="polite"><Mark is="good">{t('reshares.sent', { source: ask.data.request.sourceName })}</Mark>{' '}
        <Link to="/reshares?side=asked">{t('nav.reshares')}</Link></p>
    );
  }
  return (
    <Form
      act={t('reshares.ask')} busy={ask.isPending} error={ask.error} why={reason.trim() === '' ? t('reshares.missing') : null}
      onAct={() => ask.mutate({ object, with: other, reason: reason.trim() })}
    >
      <Textarea label={t('reshares.reason')} value={reason} maxLength={500} autosize required onChange={(e) => setReason(e.currentTarget.value)} />
    </Form>
  );
}

function Told({ of }: { readonly of: OutputOf<(typeof exchangeApi)['threats.mayShare']> }) {
  const { t } = useWords();
  const yes = (allowed: boolean, text: string) => <Mark is={allowed ? 'good' : 'danger'}>{text}</Mark>;
  return (
    <div aria-live="polite">
      <Particulars
        items={[
          [t('may-share.answer'), yes(of.may, t(of.may ? 'may-share.yes' : 'may-share.no'))],
          [t('may-share.label'), <span key="l">{yes(of.labelAllows, `TLP:${of.tlp}`)} {t(`tlp-rule.${of.rule}`)}</span>],
          ...of.permission ? [[t('may-share.permission'), (
            <span key="p">{yes(true, t('reshares.granted'))} {t('reshares.until')} <Time at={of.permission.until} /></span>
          )] as const] : [],
          ...of.agreementAllows === null ? [] : [[t('may-share.agreement'), (
            <span key="a">
              {yes(of.agreementAllows, t(of.agreementAllows ? 'may-share.agreed' : 'may-share.not-agreed'))}{' '}
              {of.clauses.map((c) => <Link key={c.clause} to={`/agreements/${c.agreementId}`}>{`${c.agreementTitle}, ${c.clause}`}</Link>)}
              {of.refusal}
            </span>
          )] as const],
        ]}
      />
    </div>
  );
}
