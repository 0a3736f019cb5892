/**
 * Where one lands from a letter, without an account: what, where, since when, how sure, what to do, in the letter's language.
 * The secret is in the fragment and never leaves the page but to the hub. Opening does nothing; the buttons do.
 */
import { Button, Group } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { speak } from '../../../web/tongues.ts';
import { constituentsApi } from '../api/index.ts';
import { Findings } from './Findings.tsx';

export function Letter() {
  const { t } = useWords();
  const secret = window.location.hash.slice(1);
  const asked = useAsk(constituentsApi.openLink, { secret }, { enabled: secret.length === 43 });
  return (
    <Page title={t('letter.title')} description={t('letter.text')}>
      {secret.length !== 43 ? <EmptyState title={t('letter.none')} how={t('letter.none-how')} /> : (
        <Answer of={asked}>{(opened) => <Body of={opened} secret={secret} />}</Answer>
      )}
    </Page>
  );
}

function Body({ of, secret }: { readonly of: OutputOf<typeof constituentsApi.openLink>; readonly secret: string }) {
  const { t } = useWords();
  const { i18n } = useTranslation();
  const answer = useAct(constituentsApi.answerLink);
  const read = of.notices.every((n) => n.acknowledgedAt !== null);
  // A letter in Vietnamese leads to a page in Vietnamese, whatever the browser was last set to.
  useEffect(() => { void speak(i18n, of.language); }, [i18n, of.language]);
  const done = answer.data?.done;
  return (
    <>
      <Section>
        <Particulars items={[[t('accept.for'), of.constituent], [t('letter.contact'), of.contact ?? '–'], [t('accept.until'), <Time at={of.expiresAt} />]]} />
        <Group mt={16}>
          {of.purpose === 'confirm-contact' ? (
            <Button onClick={() => answer.mutate({ secret, act: 'confirm' })} loading={answer.isPending} disabled={done === 'confirm'}>
              {t('contacts.confirm')}
            </Button>
          ) : read ? <Mark is="good">{t('letter.read')}</Mark> : (
            <Button onClick={() => answer.mutate({ secret, act: 'acknowledge' })} loading={answer.isPending}>{t('notices.acknowledge')}</Button>
          )}
          {done ? <Mark is="good">{t('letter.done')}</Mark> : null}
        </Group>
        {answer.error ? <ProblemNote error={answer.error} /> : null}
      </Section>
      {of.purpose === 'confirm-contact' ? null : (
        <Findings of={of.findings} busy={answer.isPending} onFixed={(finding) => answer.mutate({ secret, act: 'fixed', finding })} />
      )}
    </>
  );
}
