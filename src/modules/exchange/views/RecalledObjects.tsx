/** Objects of a recall, each with its label; of what is for named eyes alone no name is told. */
import { TlpLabel } from '#ui/TlpLabel';
import { useWords } from '#ui/words';
import type { SentRecall } from '../model/recalls.ts';

export function RecalledObjects({ objects }: Pick<SentRecall, 'objects'>) {
  const { t } = useWords();
  return (
    <ul style={{ listStyle: 'none', margin: '0 0 12px', padding: 0 }} aria-label={t('recalls.objects')}>
      {objects.map((o) => (
        <li key={o.id}>
          <TlpLabel label={o.tlp} /> {o.name === '' && o.tlp === 'RED' ? <em>{t('recalls.named-eyes')}</em> : o.name}{' '}
          <code className="e-break e-small">{o.id}</code>
        </li>
      ))}
    </ul>
  );
}
