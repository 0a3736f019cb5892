/** A moment on the reader's clock and in the reader's way of writing, UTC beside it. The machine-readable form is in the element. */
import { Tooltip } from '@mantine/core';
import { useWords } from './words.tsx';

interface TimeProps {
  readonly at: string;
  /** `day` leaves the clock out; `minute` is the default; `second` says both clocks, for what is evidence. */
  readonly to?: 'day' | 'minute' | 'second';
  /** Zone in which a day is meant; UTC unless said. */
  readonly zone?: string;
}

/** In UTC, as the machine-readable forms write it. */
function stampOf(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Names that browsers still report for zones renamed since in the IANA database (its file `backward`). */
const renamed: Readonly<Record<string, string>> = { 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Asia/Calcutta': 'Asia/Kolkata', 'Asia/Rangoon': 'Asia/Yangon' };

/** The reader's zone by the name it has today. */
export function ownZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return renamed[zone] ?? zone;
}

export function Time({ at, to = 'minute', zone: of = 'UTC' }: TimeProps) {
  const { t, day, moment } = useWords();
  const zone = ownZone();
  const shown = to === 'day' ? day(at, of) : moment(at, to, zone);
  return (
    <Tooltip
      events={{ hover: true, focus: true, touch: true }}
      label={<span className="e-num">{moment(at, 'second', zone)}, {zone} ({t('ui.local')})<br />{stampOf(at)}</span>}
    >
      <time dateTime={at} className="e-num" style={to === 'second' ? undefined : { whiteSpace: 'nowrap' }}>
        {to === 'second' ? `${shown} · ${stampOf(at)}` : shown}
      </time>
    </Tooltip>
  );
}
