/** The last thirty days of a feed as thirty small bars: what came, what came late, what is missing, what is lost; by shape and colour. */
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import type { landscapeApi } from '../api.ts';
import { dayStates } from '../collect/model.ts';
import css from './DayStrip.module.css';

type Days = OutputOf<typeof landscapeApi.feedHealth>['items'][number]['days'];

export function DayStrip({ days, of }: { readonly days: Days; readonly of: string }) {
  const { t, day: dayText } = useWords();
  const counts = dayStates.map((state) => [state, days.filter((day) => day.state === state).length] as const).filter(([, count]) => count > 0);
  const label = counts.map(([state, count]) => t('health.days-of', { count, state: t(`day-state.${state}`) })).join(', ');
  return (
    <span className={css.strip} role="img" aria-label={`${of}: ${label}`}>
      {days.map(({ day, state, files }) => (
        <span
          key={day} data-state={state}
          title={`${dayText(`${day}T00:00:00Z`, 'UTC')}: ${t(`day-state.${state}`)}${files > 0 ? ` (${t('health.files', { count: files })})` : ''}`}
        />
      ))}
    </span>
  );
}

export function StripLegend() {
  const { t } = useWords();
  return (
    <ul className={css.legend}>
      {dayStates.map((state) => (
        <li key={state}><span className={css.strip} aria-hidden><span data-state={state} /></span>{t(`day-state.${state}`)}</li>
      ))}
    </ul>
  );
}
