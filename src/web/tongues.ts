/** The two languages: one dictionary is loaded, the other when one switches. Plain keys; plurals by Intl rules. */
import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Tongue = 'en' | 'vi';
const kept = 'entente.language';

type Dictionary = Readonly<Record<string, string>>;
const dictionaries: Readonly<Record<Tongue, () => Promise<{ dictionary: Dictionary }>>> = {
  en: () => import('./locales/en.ts'),
  vi: () => import('./locales/vi.ts'),
};

function firstTongue(): Tongue {
  const remembered = localStorage.getItem(kept);
  if (remembered === 'en' || remembered === 'vi') return remembered;
  return navigator.languages.find((l) => /^(en|vi)\b/.test(l))?.startsWith('vi') ? 'vi' : 'en';
}

export async function speak(words: i18n, tongue: Tongue): Promise<void> {
  if (!words.hasResourceBundle(tongue, 'translation')) {
    words.addResourceBundle(tongue, 'translation', (await dictionaries[tongue]()).dictionary);
  }
  localStorage.setItem(kept, tongue);
  document.documentElement.lang = tongue;
  await words.changeLanguage(tongue);
}

export async function startTongues(): Promise<i18n> {
  const words = i18next.createInstance();
  const tongue = firstTongue();
  await words.use(initReactI18next).init({
    lng: tongue, resources: {}, keySeparator: false, nsSeparator: false, interpolation: { escapeValue: false },
    returnNull: false, partialBundledLanguages: true,
  });
  await speak(words, tongue);
  return words;
}
