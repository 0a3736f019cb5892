/** The rest of what guards a visit: opening the trail before its days, bait for the provider's principal, and what was bait once the visit has ended. */
import { Button, Group, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Block, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';

interface Props { readonly visit: string; readonly mine: boolean; readonly state: string }

export function Guarding({ visit, mine, state }: Props) {
  const reader = useReader();
  return (
    <>
      {state === 'agreed' || state === 'closed' ? <EarlyOpening visit={visit} mine={mine} /> : null}
      {!mine && reader.may('bait.plant') ? <BaitOf visit={visit} /> : null}
      {state === 'closed' ? <Revealed visit={visit} /> : null}
    </>
  );
}

const marks = { waiting: 'warn', agreed: 'good', refused: 'danger' } as const;

function EarlyOpening({ visit, mine }: { readonly visit: string; readonly mine: boolean }) {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(controlsApi['trails.view'], { visit });
  const ask = useAct(controlsApi['trails.ask']);
  const answer = useAct(controlsApi['trails.answer']);
  const [reason, setReason] = useState('');
  const [windows, setWindows] = useState<number | null>(null);
  const found = asked.data?.asked;
  const principal = reader.may('trail.open');
  // Where nobody asked and nobody here may, there is nothing to say.
  if (found === undefined || (found === null && (mine || !principal))) return null;
  return (
    <Section title={t('controls.early')} note={t('controls.early-text')}>
      {found === null ? (
        <Form act={t('controls.early-ask')} busy={ask.isPending} error={ask.error} why={reason.trim() === '' ? t('controls.early-why') : null}
          onAct={() => ask.mutate({ visit, reason: reason.trim(), sample: windows })}
        >
          <TextInput label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
          <NumberInput label={t('controls.early-windows')} description={t('controls.early-windows-how')} value={windows ?? ''} min={1} max={500}
            allowDecimal={false} onChange={(value) => setWindows(typeof value === 'number' && value >= 1 ? value : null)} />
        </Form>
      ) : (
        <>
          <p><Mark is={marks[found.state]}>{t(`controls.early.${found.state}`)}</Mark> {found.sample === null ? t('controls.early-all')
            : t('controls.early-some', { count: number(found.sample) })} · {found.reason} · <Time at={found.at} /></p>
          {found.answer === '' ? null : <p className="e-small">{found.answer}</p>}
          {mine && principal && found.state === 'waiting' ? (
            <Group gap="xs" align="end">
              <TextInput size="xs" label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
              <Button size="xs" loading={answer.isPending} onClick={() => answer.mutate({ visit, agree: true, reason: reason.trim() })}>
                {t(found.sample === null ? 'controls.early-agree' : 'controls.early-draw')}
              </Button>
              <Button size="xs" variant="default" disabled={reason.trim() === ''}
                onClick={() => answer.mutate({ visit, agree: false, reason: reason.trim() })}
              >
                {t('centre.refuse')}
              </Button>
            </Group>
          ) : null}
          {answer.error ? <ProblemNote error={answer.error} /> : null}
        </>
      )}
    </Section>
  );
}

function BaitOf({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const asked = useAsk(controlsApi['bait.view'], { visit });
  return (
    <Section title={t('controls.bait')} note={t('controls.bait-text')}>
      <Answer of={asked} skeleton={<Block height={60} />}>
        {(bait) => (
          <>
            {bait.opened.map((o) => (
              <p key={`${o.at}${o.path}`}><Mark is="danger">{t('controls.bait-opened')}</Mark> <span className="e-mono">{o.path}</span> <Time at={o.at} /></p>
            ))}
            {bait.sealed
              ? <p>{bait.paths.length === 0 ? t('controls.bait-none') : <span className="e-mono">{bait.paths.join(' · ')}</span>}</p>
              : <Lay key={bait.paths.join('\n')} visit={visit} paths={bait.paths} />}
          </>
        )}
      </Answer>
    </Section>
  );
}

function Lay({ visit, paths }: { readonly visit: string; readonly paths: readonly string[] }) {
  const { t } = useWords();
  const [text, setText] = useState(paths.join('\n'));
  const plant = useAct(controlsApi['bait.plant']);
  return (
    <Form act={t('controls.bait-lay')} busy={plant.isPending} error={plant.error}
      onAct={() => plant.mutate({ visit, paths: text.split('\n').map((p) => p.trim()).filter((p) => p !== '') })}
    >
      <Textarea label={t('controls.bait-paths')} description={t('controls.bait-how')} value={text} autosize minRows={2}
        onChange={(e) => setText(e.currentTarget.value)} />
    </Form>
  );
}

function Revealed({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const asked = useAsk(controlsApi['bait.reveal'], { visit });
  if (!asked.data) return null;
  const { paths, salt, commitment } = asked.data;
  return (
    <Section title={t('controls.revealed')} note={t('controls.revealed-text')}>
      <Particulars items={[
        [t('controls.bait-paths'), paths.length === 0 ? t('controls.bait-none') : paths.join(' · ')],
        [t('controls.commitment'), <Hash key="c" value={commitment} />], [t('controls.salt'), <Hash key="s" value={salt} />],
      ]}
      />
    </Section>
  );
}
