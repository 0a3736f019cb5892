/** One alarm: what was seen where, in which bytes, signed by whom; what the steward says; who closed it. */
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Answer, Columns, Lines, Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';
import { Bytes } from './Bytes.tsx';
import { AlarmState, KindMark, usePlace, useThing } from './marks.tsx';

type View = OutputOf<(typeof watchApi)['channel-alarms.view']>;

export function Alarm() {
  const { t } = useWords();
  const thing = useThing();
  const asked = useAsk(watchApi['channel-alarms.view'], { alarm: usePathParameter('alarm') }, { keep: true });
  const alarm = asked.data?.alarm;
  return (
    <Page
      title={alarm ? `${t(`watch.kind-${alarm.kind}`)}: ${thing(alarm)}` : t('watch.alarm')}
      above={<Link to="/channel-alarms">{t('nav.channel-alarms')}</Link>}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

function Shown(view: View) {
  const { t, number } = useWords();
  const place = usePlace();
  const { alarm, differsAt, mayExplain, mayClose } = view;
  const { region } = alarm;
  return (
    <>
      <Section note={t(`watch.kind-${alarm.kind}-text`)}>
        <Particulars
          items={[
            [t('watch.alarm'), <KindMark key="kind" alarm={alarm} />],
            [t('watch.state'), <AlarmState key="state" alarm={alarm} />],
            [t('watch.channel'), <Link key="channel" to={`/update-channels/${alarm.channel}`}>{`${alarm.productName} · ${alarm.channelName}`}</Link>],
            [t('watch.where'), alarm.places.map(place).join('; ')],
            ...alarm.rest.length > 0 ? [[t('watch.rest'), alarm.rest.map(place).join('; ')] as const] : [],
            ...alarm.kind === 'rolled-back' ? [[t('watch.went-back'), `${alarm.version ?? ''} → ${alarm.detail ?? ''}`] as const] : [],
            ...alarm.kind === 'withdrawn' ? [[t('watch.how'), t(`watch.withdrawn-${alarm.detail ?? 'gone'}`)] as const] : [],
            ...alarm.kind === 'split' ? [[t('watch.why'), t(`watch.split-${alarm.detail ?? 'at-the-same-time'}`)] as const] : [],
            ...region ? [[t('watch.region'), t('watch.region-text', {
              from: number(region.from), to: number(region.to), pieces: number(region.pieces), of: number(region.of),
            })] as const] : [],
            ...differsAt === null ? [] : [[t('watch.first-byte'), `${number(differsAt)} (0x${differsAt.toString(16)})`] as const],
            [t('watch.raised'), <Time key="at" at={alarm.raisedAt} to="second" />],
            ...alarm.overAt === null ? [] : [[t('watch.over'), <Time key="over" at={alarm.overAt} to="second" />] as const],
          ]}
        />
      </Section>
      <Differing view={view} />
      <Kept view={view} />
      <Words view={view} />
      {mayExplain ? <Say what="explain" alarm={alarm.id} /> : null}
      {mayClose ? <Say what="close" alarm={alarm.id} /> : null}
    </>
  );
}

function Differing({ view: { alarm, excerpts, wanted } }: { readonly view: View }) {
  const { t, number } = useWords();
  if (alarm.region === null) return null;
  const [one, other] = excerpts;
  const sideOf = (sides: readonly string[]): string => [...new Set(sides)].map((s) => t(`watch.side-${s}`)).join(', ');
  return (
    <Section title={t('watch.bytes')} note={t('watch.bytes-text')}>
      {one ? (
        <Columns>
          <Bytes of={one} beside={other} label={sideOf(one.sides)} />
          {other ? <Bytes of={other} beside={one} label={sideOf(other.sides)} /> : <p>{t('watch.bytes-waiting', { count: number(wanted.length) })}</p>}
        </Columns>
      ) : <p>{wanted.length === 0 ? t('watch.bytes-large') : t('watch.bytes-waiting', { count: number(wanted.length) })}</p>}
    </Section>
  );
}

function Kept({ view: { evidence } }: { readonly view: View }) {
  const { t } = useWords();
  const place = usePlace();
  const [chosen, setChosen] = useState<string | null>(null);
  const keyOf = (e: View['evidence'][number]): string => `${e.side} ${e.observer}`;
  const open = evidence.find((e) => keyOf(e) === chosen);
  return (
    <Section title={t('watch.evidence')} note={t('watch.evidence-text')}>
      <RowTable
        label={t('watch.evidence')} rows={evidence} rowKey={keyOf}
        columns={[
          { key: 'side', head: t('watch.side'), cell: (e) => t(`watch.side-${e.side}`), sort: (e) => e.side },
          { key: 'place', head: t('watch.place'), wrap: true, cell: (e) => place(e.place), sort: (e) => e.place },
          { key: 'observer', head: t('watch.observer'), wrap: true, spare: true, cell: (e) => e.observerName ?? e.keyid },
          { key: 'view', head: t('watch.view'), spare: true, cell: (e) => <Hash value={e.view} keep={4} /> },
          { key: 'from', head: t('watch.from'), spare: true, cell: (e) => <Time at={e.from} />, sort: (e) => e.from },
          { key: 'to', head: t('watch.to'), spare: true, cell: (e) => <Time at={e.to} />, sort: (e) => e.to },
          { key: 'open', head: t('watch.signed'), cell: (e) => (
            <Button size="compact-xs" variant="default" aria-expanded={keyOf(e) === chosen}
              onClick={() => setChosen(keyOf(e) === chosen ? null : keyOf(e))}>
              {keyOf(e) === chosen ? t('watch.hide') : t('watch.show')}
            </Button>
          ) },
        ]}
      />
      {open ? (
        <>
          <p>{t('watch.public-key')} <Hash value={open.publicKey} keep={8} /></p>
          {open.envelopes.map((text, i) => <Code key={text} text={text} label={i === 0 ? t('watch.first-look') : t('watch.last-look')} />)}
        </>
      ) : null}
    </Section>
  );
}

function Words({ view: { words } }: { readonly view: View }) {
  const { t } = useWords();
  if (words.length === 0) return null;
  return (
    <Section title={t('watch.words')}>
      <Timeline
        label={t('watch.words')}
        steps={words.map((w) => ({ key: w.at + w.kind, at: w.at, is: w.kind === 'closed' ? 'good' : 'info', title: w.text,
          by: `${t(`watch.word-${w.kind}`)}${w.orgName === null ? '' : ` · ${w.orgName}`}` }))}
      />
    </Section>
  );
}

function Say({ what, alarm }: { readonly what: 'explain' | 'close'; readonly alarm: string }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const explain = useAct(watchApi['channel-alarms.explain']);
  const close = useAct(watchApi['channel-alarms.close']);
  const act = what === 'explain' ? explain : close;
  return (
    <Section title={t(`watch.${what}`)} note={t(`watch.${what}-text`)}>
      <Form act={t(`watch.${what}`)} busy={act.isPending} error={act.error} why={text.trim() === '' ? t('watch.missing-text') : null}
        onAct={() => act.mutate({ alarm, text }, { onSuccess: () => setText('') })}>
        <Textarea label={t(`watch.${what}-label`)} value={text} maxLength={1_000} autosize minRows={3} onChange={(e) => setText(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
