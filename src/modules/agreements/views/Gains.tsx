/** Who gains and loses what by an agreement: each right whose reach changes, before and after. */
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import type { GainsAndLosses } from '../model.ts';
import css from './View.module.css';
import { rightName, sideName, type Agreed } from './words.ts';

export function Gains({ agreed, changes, stored }: { readonly agreed: Agreed; readonly changes: GainsAndLosses; readonly stored: boolean }) {
  const words = useWords();
  const { t } = words;
  const lines = [
    ...changes.gains.map((c) => ({ ...c, is: 'gain' as const })), ...changes.losses.map((c) => ({ ...c, is: 'loss' as const })),
  ];
  return (
    <Section title={t('gains.title')} note={t(stored ? 'gains.stored' : 'gains.note')}>
      {lines.length === 0 ? <p style={{ margin: 0 }}>{t('gains.none')}</p> : (
        <ul className={css.changes}>
          {lines.map((c) => (
            <li key={`${c.is} ${c.side} ${c.right}`}>
              <Mark is={c.is === 'gain' ? 'good' : 'danger'}>
                {sideName(words, agreed, c.side)} {t(`gains.${c.is}`)}: {rightName(words, c.right)}
              </Mark>
              {c.before.length > 0 ? <p>{t('gains.before', { reach: c.before.join(' | ') })}</p> : null}
              <p>{t('gains.after', { reach: c.after.join(' | ') || t('gains.nothing') })}</p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
