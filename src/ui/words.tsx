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
  /** A day, in UTC unless another zone is meant. */
  readonly day: (iso: string, zone?: string) => string;
  /** A moment on the clock of a zone. */
  readonly moment: (iso: string, to: 'minute' | 'second', zone: string) => string;
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

/** Two digits for the day, so that days stand under one another; Vietnamese writes them in figures. */
function dayIn(tongue: Tongue, iso: string, timeZone: string): string {
  const month = tongue === 'vi' ? '2-digit' : 'short';
  return new Intl.DateTimeFormat(localeOf(tongue), { day: '2-digit', month, year: 'numeric', timeZone }).format(new Date(iso));
}

function momentIn(tongue: Tongue, iso: string, to: 'minute' | 'second', timeZone: string): string {
  const clock = new Intl.DateTimeFormat(localeOf(tongue), {
    hour: '2-digit', minute: '2-digit', ...(to === 'second' ? { second: '2-digit' } : {}), hourCycle: 'h23', timeZone,
  }).format(new Date(iso));
  const day = dayIn(tongue, iso, timeZone);
  return tongue === 'vi' ? `${clock} ${day}` : `${day}, ${clock}`;
}

const localeOf = (tongue: Tongue): string => (tongue === 'vi' ? 'vi-VN' : 'en-GB');

export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const tongue: Tongue = i18n.language === 'vi' ? 'vi' : 'en';
  return useMemo(() => {
    const digits = (n: number) => ({ minimumFractionDigits: n, maximumFractionDigits: n });
    const collator = new Intl.Collator(tongue);
    const locale = localeOf(tongue);
    return {
      t: (key, values) => t(key, { ...values }) as string,
      has: (key) => i18n.exists(key),
      tongue,
      number: (value, n) => new Intl.NumberFormat(locale, n === undefined ? {} : digits(n)).format(value),
      percent: (value, n = 1) => `${new Intl.NumberFormat(locale, digits(n)).format(value)}\u202f%`,
      compact: (value) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value),
      day: (iso, zone = 'UTC') => dayIn(tongue, iso, zone),
      moment: (iso, to, zone) => momentIn(tongue, iso, to, zone),
      country: (code) => countryName(tongue, code),
      own: (common, local) => (tongue === 'vi' && local ? local : common),
      compare: collator.compare,
    };
  }, [t, i18n, tongue]);
}
