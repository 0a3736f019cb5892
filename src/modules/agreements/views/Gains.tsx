/** Who gains and loses what by an agreement: each right whose reach changes, before and after, with what differs marked. */
import { Mark, Tag } from '#ui/Mark';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import type { GainsAndLosses } from '../model.ts';
import { sayReach } from './reach.ts';
import css from './View.module.css';
import { rightName, sideName, type Agreed } from './words.ts';

const meanings = { gain: 'good', loss: 'danger', change: 'warn' } as const;

export function Gains({ agreed, changes, stored }: { readonly agreed: Agreed; readonly changes: GainsAndLosses; readonly stored: boolean }) {
  const words = useWords();
  const { t } = words;
  const lines = grouped(changes);
  return (
    <Section title={t('gains.title')} note={t(stored ? 'gains.stored' : 'gains.note')}>
      {lines.length === 0 ? <p style={{ margin: 0 }}>{t('gains.none')}</p> : (
        <ul className={css.changes}>
          {lines.map((c) => (
            <li key={`${c.is} ${c.side} ${c.rights.join(' ')}`}>
              <div className={css.change}>
                <Mark is={meanings[c.is]}>{sideName(words, agreed, c.side)} {t(`gains.${c.is}`)}</Mark>
                {c.rights.map((right) => <Tag key={right}>{rightName(words, right)}</Tag>)}
              </div>
              {c.before.length > 0 ? <Reach label={t('gains.before')} of={c.before} beside={c.after} zone={agreed.zone} mark={css.gone} /> : null}
              <Reach label={t('gains.after')} of={c.after} beside={c.before} zone={agreed.zone} mark={css.came} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Rights of one side with the same reach before and after stand together; what both gains and loses has changed. */
function grouped({ gains, losses }: GainsAndLosses) {
  const lines = new Map<string, GainsAndLosses['gains'][number] & { readonly is: 'gain' | 'loss' | 'change'; readonly rights: string[] }>();
  const name = (c: GainsAndLosses['gains'][number]): string => `${c.side} ${c.right}`;
  const both = new Set(losses.map(name).filter((one) => gains.some((c) => name(c) === one)));
  for (const [found, changes] of [['gain', gains], ['loss', losses.filter((c) => !both.has(name(c)))]] as const) {
    for (const change of changes) {
      const is = both.has(name(change)) ? 'change' : found;
      const key = JSON.stringify([is, change.side, change.before, change.after]);
      const line = lines.get(key);
      if (line) line.rights.push(change.right);
      else lines.set(key, { ...change, is, rights: [change.right] });
    }
  }
  return [...lines.values()];
}

interface ReachProps {
  readonly label: string;
  readonly of: readonly string[];
  readonly beside: readonly string[];
  readonly zone: string;
  /** For what does not stand on the other side, where there is one to compare with. */
  readonly mark: string | undefined;
}

function Reach({ label, of, beside, zone, mark }: ReachProps) {
  const words = useWords();
  const others = new Set(beside.flatMap((reach) => sayReach(words, reach, zone)));
  return (
    <div className={css.reach}>
      <span className={css.reachLabel}>{label}</span>
      {of.length === 0 ? <span>{words.t('gains.nothing')}</span> : (
        <ul>
          {of.map((reach) => (
            <li key={reach}>
              {sayReach(words, reach, zone).map((said, i) => (
                <span key={said}>
                  {i > 0 ? '; ' : ''}<span className={others.size > 0 && !others.has(said) ? mark : undefined}>{said}</span>
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
