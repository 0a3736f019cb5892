/** How severe, exploited or likely: in words and figures beside the shape and colour. */
import { Mark, type Meaning } from '#ui/Mark';
import { useWords } from '#ui/words';

const meanings: Readonly<Record<string, Meaning>> = { critical: 'danger', high: 'warn', medium: 'info', low: 'none', none: 'none' };

/** The word before the figure: whoever sees no colour reads the same. */
export function SeverityMark({ score, severity }: { readonly score: number | null; readonly severity: string | null }) {
  const { t, number, has } = useWords();
  if (severity === null && score === null) return <span className="e-faint">{t('vuln.unscored')}</span>;
  const word = severity !== null && has(`cvss.${severity}`) ? t(`cvss.${severity}`) : severity ?? '';
  return <Mark is={meanings[severity ?? ''] ?? 'none'}>{score === null ? word : `${word} ${number(score, 1)}`}</Mark>;
}

export function ExploitedMark({ ransomware = false }: { readonly ransomware?: boolean }) {
  const { t } = useWords();
  return <Mark is="danger">{t(ransomware ? 'vuln.ransomware' : 'vuln.exploited')}</Mark>;
}

/** A probability as a share of a hundred; small ones are not rounded to nothing. */
export function usePercent(): (share: number) => string {
  const { number } = useWords();
  return (share) => `${number(share * 100, share < 0.01 ? 2 : 1)} %`;
}

export const vulnerabilityAddress = (name: string): string => `/vulnerabilities/${encodeURIComponent(name)}`;
