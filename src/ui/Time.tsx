/** A moment in UTC and in the reader's zone; a span between two. The machine-readable form is in the element. */
import { Tooltip } from '@mantine/core';
import { useWords } from './words.tsx';

interface TimeProps {
  readonly at: string;
  /** `day` leaves the clock out; `minute` is the default. */
  readonly to?: 'day' | 'minute' | 'second';
  /** Zone in which a day is meant; UTC unless said. */
  readonly zone?: string;
}

function stamp(at: string, to: 'day' | 'minute' | 'second', timeZone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit',
    ...(to === 'day' ? {} : { hour: '2-digit', minute: '2-digit' }),
    ...(to === 'second' ? { second: '2-digit' } : {}),
  }).format(new Date(at));
  return parts;
}

/** Names that browsers still report for zones renamed since in the IANA database (its file `backward`). */
const renamed: Readonly<Record<string, string>> = { 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Asia/Calcutta': 'Asia/Kolkata', 'Asia/Rangoon': 'Asia/Yangon' };

/** The reader's zone by the name it has today. */
export function ownZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return renamed[zone] ?? zone;
}

export function Time({ at, to = 'minute', zone: of = 'UTC' }: TimeProps) {
  const { t } = useWords();
  const zone = ownZone();
  const utc = stamp(at, to, to === 'day' ? of : 'UTC');
  const local = `${stamp(at, 'minute', zone)} ${zone}`;
  const day = to === 'day';
  return (
    <Tooltip label={<span className="e-num">{`${stamp(at, 'second', 'UTC')} UTC`}<br />{local} ({t('ui.local')})</span>}>
      <time dateTime={at} className="e-num" style={{ whiteSpace: 'nowrap' }}>{day ? utc : `${utc} UTC`}</time>
    </Tooltip>
  );
}
