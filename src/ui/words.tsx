/** Words, numbers and dates in the reader's language. Dictionaries are handed in by the shell through i18next. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export type Tongue = 'en' | 'vi';
/** Looks a sentence up; `values` fill its {{gaps}}. */
export type Say = (key: string, values?: Readonly<Record<string, unknown>>) => string;

export interface Words {
  readonly t: Say;
  /** Whether there is a sentence under this key. */
  readonly has: (key: string) => boolean;
  readonly tongue: Tongue;
  readonly number: (value: number, digits?: number) => string;
  readonly percent: (value: number, digits?: number) => string;
  readonly compact: (value: number) => string;
  readonly day: (iso: string) => string;
  /** A country by its ISO 3166-1 code, as the reader's language calls it. */
  readonly country: (code: string) => string;
  /** Chooses between the same words in the national and in the common language. */
  readonly own: (common: string, local: string | null | undefined) => string;
  readonly compare: (a: string, b: string) => number;
}

function countryName(tongue: Tongue, code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames([tongue], { type: 'region', fallback: 'code' }).of(code) ?? code;
}

export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const tongue: Tongue = i18n.language === 'vi' ? 'vi' : 'en';
  return useMemo(() => {
    const digits = (n: number) => ({ minimumFractionDigits: n, maximumFractionDigits: n });
    const collator = new Intl.Collator(tongue);
    const locale = tongue === 'vi' ? 'vi-VN' : 'en-GB';
    return {
      t: (key, values) => t(key, { ...values }) as string,
      has: (key) => i18n.exists(key),
      tongue,
      number: (value, n) => new Intl.NumberFormat(locale, n === undefined ? {} : digits(n)).format(value),
      percent: (value, n = 1) => `${new Intl.NumberFormat(locale, digits(n)).format(value)}\u202f%`,
      compact: (value) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value),
      day: (iso) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(iso)),
      country: (code) => countryName(tongue, code),
      own: (common, local) => (tongue === 'vi' && local ? local : common),
      compare: collator.compare,
    };
  }, [t, i18n, tongue]);
}
