/** Who may open alone what was read in a visit: named by one side, agreed to by the other; and its share once the visit has ended. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';
import { Said } from './Said.tsx';

/** Whole, as people read it to each other. */
const grouped = (fingerprint: string): string => (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');

export function ArbiterOf({ visit, ends }: { readonly visit: string; readonly ends: boolean }) {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(controlsApi['arbiters.view'], { visit });
  const answer = useAct(controlsApi['arbiters.answer']);
  const principal = reader.may('trail.open');
  if (!asked.data) return null;
  const { arbiter, sealed } = asked.data;
  const mayName = principal && !ends && (arbiter === null || arbiter.state === 'refused');
  // Where nobody was named and nobody here may name one, there is nothing to say.
  if (arbiter === null && !mayName) return null;
  return (
    <Section title={t('controls.arbiter')} note={t('controls.arbiter-text')}>
      {arbiter === null ? null : (
        <>
          <Said of={arbiter} state={t(`controls.arbiter.${arbiter.state}`)} mayAnswer={principal && !ends && !arbiter.mine} answer={answer}
            agree={t('controls.arbiter-agree')} onAnswer={(agree, reason) => answer.mutate({ visit, agree, reason })}
            details={(
              <Particulars items={[
                [t('controls.arbiter-key'), <span key="k" className="e-mono">{grouped(arbiter.fingerprint)}</span>],
                ...(sealed ? [
                  [t('controls.arbiter-share'), t('controls.arbiter-facts', { count: number(sealed.facts) })] as const,
                  [t('controls.arbiter-digest'), <Hash key="d" value={sealed.digest} />] as const,
                ] : []),
              ]}
              />
            )}
          >
            {arbiter.name}
          </Said>
          {sealed && principal ? (
            <Button component="a" variant="default" mt="xs" href={`/api/visits/${encodeURIComponent(visit)}/arbiter/sealed`} download
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t('controls.arbiter-download')}
            </Button>
          ) : null}
        </>
      )}
      {mayName ? <NameArbiter key={arbiter?.at} visit={visit} /> : null}
    </Section>
  );
}

function NameArbiter({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const name = useAct(controlsApi['arbiters.name']);
  const [who, setWho] = useState('');
  const [key, setKey] = useState('');
  const why = who.trim() === '' ? t('controls.arbiter-why-name') : key.trim() === '' ? t('controls.arbiter-why-key') : null;
  return (
    <Form act={t('controls.arbiter-name')} busy={name.isPending} error={name.error} why={why}
      onAct={() => name.mutate({ visit, name: who.trim(), key: key.trim() })}
    >
      <TextInput label={t('controls.arbiter-who')} description={t('controls.arbiter-who-how')} value={who} maxLength={200}
        onChange={(e) => setWho(e.currentTarget.value)} />
      <Textarea label={t('controls.arbiter-armored')} description={t('controls.arbiter-armored-how')} value={key} autosize minRows={3} maxRows={8}
        classNames={{ input: 'e-mono' }} onChange={(e) => setKey(e.currentTarget.value)} />
    </Form>
  );
}
