/** Small marks of watching: how a channel stands, what an alarm is, how far behind something is, where a place is. */
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { useWords } from '#ui/words';
import type { Alarm, Channel, Observer } from '../model.ts';

const channelMeanings: Readonly<Record<Channel['state'], Meaning>> = { unwatched: 'wait', equal: 'good', alarm: 'danger', ended: 'none' };
export function ChannelMark({ channel }: { readonly channel: Channel }) {
  const { t, number } = useWords();
  return <Mark is={channelMeanings[channel.state]}>{t(`watch.state-${channel.state}`, { count: number(channel.openAlarms) })}</Mark>;
}

/** “2 releases behind”; what the catalogue does not know is said to be so. */
export function BehindMark({ behind, serves }: { readonly behind: number | null; readonly serves: string | null }) {
  const { t, number } = useWords();
  if (serves === null) return null;
  if (behind === null) return <Tag>{t('watch.behind-unknown')}</Tag>;
  if (behind === 0) return <Mark is="good">{t('watch.behind-none')}</Mark>;
  return <Mark is="warn">{behind === 1 ? t('watch.behind-one') : t('watch.behind-many', { count: number(behind) })}</Mark>;
}

const kindMeanings: Readonly<Record<Alarm['kind'], Meaning>> = {
  split: 'danger', replaced: 'danger', 'unlike-listed': 'danger', 'rolled-back': 'danger', withdrawn: 'warn', silent: 'warn', stale: 'warn',
};
export function KindMark({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useWords();
  return <Mark is={alarm.state === 'closed' ? 'none' : kindMeanings[alarm.kind]}>{t(`watch.kind-${alarm.kind}`)}</Mark>;
}

const stateMeanings: Readonly<Record<Alarm['state'], Meaning>> = { open: 'danger', explained: 'info', closed: 'good' };
export function AlarmState({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useWords();
  return (
    <Mark is={alarm.overAt !== null && alarm.state === 'open' ? 'warn' : stateMeanings[alarm.state]}>
      {alarm.overAt !== null && alarm.state === 'open' ? t('watch.alarm-over') : t(`watch.alarm-${alarm.state}`)}
    </Mark>
  );
}

const clockMeanings = { good: 'good', ahead: 'danger', behind: 'danger', unknown: 'none' } as const;
export function ClockMark({ observer }: { readonly observer: Pick<Observer, 'clock' | 'skewMs'> }) {
  const { t, number } = useWords();
  const seconds = number(Math.round(Math.abs(observer.skewMs ?? 0) / 1000));
  return <Mark is={clockMeanings[observer.clock]}>{t(`watch.clock-${observer.clock}`, { seconds })}</Mark>;
}

/** “Viet Nam”, “Viet Nam, AS7552”: of a place as the hub writes it. */
export function usePlace(): (place: string) => string {
  const { country } = useWords();
  return (place) => {
    const [area = '', network] = place.split(' ');
    return network === undefined ? country(area) : `${country(area)}, ${network}`;
  };
}

/** What an alarm is about: the manifest itself, or a file with its version. */
export function useThing(): (alarm: Pick<Alarm, 'kind' | 'name' | 'version'>) => string {
  const { t } = useWords();
  const place = usePlace();
  return ({ kind, name, version }) => {
    if (kind === 'silent') return t('watch.thing-observer', { place: place(name) });
    if (kind === 'rolled-back' && name === 'manifest') return t('watch.thing-channel');
    return name === 'manifest' ? t('watch.thing-manifest') : [name, version].filter((w) => w !== null).join(' ');
  };
}

/** “7 days”, “3 hours”, “2 minutes”: in the largest unit that is whole. */
export function useSpan(): (minutes: number) => string {
  const { t, number } = useWords();
  return (minutes) => {
    if (minutes > 0 && minutes % 1_440 === 0) return t('watch.days', { count: number(minutes / 1_440) });
    if (minutes > 0 && minutes % 60 === 0) return t('watch.hours', { count: number(minutes / 60) });
    return t('watch.minutes', { count: number(minutes) });
  };
}
