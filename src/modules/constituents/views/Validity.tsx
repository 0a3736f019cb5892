/** When an organisation answered for each of its assets, drawn on one axis; today is a line. */
import { useWords } from '#ui/words';
import css from './Validity.module.css';
import type { OneAsset } from './View.tsx';

const shown = 14;

export function Validity({ assets, now }: { readonly assets: readonly OneAsset[]; readonly now: number }) {
  const { t, day } = useWords();
  const starts = assets.map((a) => Date.parse(a.from));
  const ends = assets.map((a) => (a.to ? Date.parse(a.to) : now));
  const first = Math.min(...starts, now);
  const last = Math.max(...ends, ...starts, now);
  const span = (last - first) * 1.06 || 1;
  const at = (moment: number) => `${(100 * (moment - first)) / span}%`;
  return (
    <div className={css.axis} role="img" aria-label={t('assets.axis', { count: assets.length })}>
      <div className={css.ends} aria-hidden>
        <span>{day(new Date(first).toISOString())}</span>
        <span className={css.today} style={{ left: at(now) }}>{t('assets.today')}</span>
      </div>
      <div className={css.rows}>
        <span className={css.now} style={{ left: at(now) }} />
        {assets.slice(0, shown).map((a) => (
          <div key={a.id} className={css.row}>
            <span
              className={css.bar} data-open={a.to === null || undefined}
              style={{ left: at(Date.parse(a.from)), right: a.to ? `calc(100% - ${at(Date.parse(a.to))})` : '0' }}
            >
              <span className={css.name}>{a.kind === 'asn' ? `AS${a.value}` : a.value}</span>
            </span>
          </div>
        ))}
      </div>
      {assets.length > shown ? <p className="e-small e-faint">{t('assets.more', { count: assets.length - shown })}</p> : null}
    </div>
  );
}
