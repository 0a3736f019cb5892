/** The rest of what guards a visit: the trail before its days, its arbiter, bait for the provider's principal, and what was bait in the end. */
import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Block, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';
import { ArbiterOf } from './ArbiterOf.tsx';
import { Said } from './Said.tsx';

interface Props { readonly visit: string; readonly mine: boolean; readonly state: string }

export function Guarding({ visit, mine, state }: Props) {
  const reader = useReader();
  return (
    <>
      {state === 'agreed' || state === 'closed' ? <EarlyOpening visit={visit} mine={mine} /> : null}
      {state === 'refused' ? null : <ArbiterOf visit={visit} ends={state === 'closed'} />}
      {!mine && reader.may('bait.plant') ? <BaitOf visit={visit} /> : null}
      {state === 'closed' ? <Revealed visit={visit} /> : null}
    </>
  );
}

function EarlyOpening({ visit, mine }: { readonly visit: string; readonly mine: boolean }) {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(controlsApi['trails.view'], { visit });
  const answer = useAct(controlsApi['trails.answer']);
  const found = asked.data?.asked;
  const principal = reader.may('trail.open');
  // Where nobody asked and nobody here may, there is nothing to say.
  if (found === undefined || (found === null && (mine || !principal))) return null;
  // After a no again; after a sample for the whole.
  const again = found === null || found.state === 'refused' || (found.state === 'agreed' && found.sample !== null);
  return (
    <Section title={t('controls.early')} note={t('controls.early-text')}>
      {found === null ? null : (
        <Said of={found} state={t(`controls.early.${found.state}`)} mayAnswer={mine && principal} answer={answer}
          agree={t(found.sample === null ? 'controls.early-agree' : 'controls.early-draw')}
          onAnswer={(agree, reason) => answer.mutate({ visit, agree, reason })}
        >
          {found.sample === null ? t('controls.early-all') : t('controls.early-some', { count: number(found.sample) })} · {found.reason}
        </Said>
      )}
      {!mine && principal && again ? <AskEarly key={found?.at} visit={visit} whole={found?.state === 'agreed'} /> : null}
    </Section>
  );
}

function AskEarly({ visit, whole }: { readonly visit: string; readonly whole: boolean }) {
  const { t } = useWords();
  const ask = useAct(controlsApi['trails.ask']);
  const [reason, setReason] = useState('');
  const [windows, setWindows] = useState<number | null>(null);
  return (
    <Form act={t(whole ? 'controls.early-ask-whole' : 'controls.early-ask')} busy={ask.isPending} error={ask.error}
      why={reason.trim() === '' ? t('controls.early-why') : null} onAct={() => ask.mutate({ visit, reason: reason.trim(), sample: whole ? null : windows })}
    >
      <TextInput label={t('centre.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
      {whole ? null : (
        <NumberInput label={t('controls.early-windows')} description={t('controls.early-windows-how')} value={windows ?? ''} min={1} max={500}
          allowDecimal={false} onChange={(value) => setWindows(typeof value === 'number' && value >= 1 ? value : null)} />
      )}
    </Form>
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
