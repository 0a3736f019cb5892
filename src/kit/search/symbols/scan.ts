/**
 * Where names are defined in a file, by scanners of our own: C, C++, Java, C#, TypeScript, JavaScript, Go, Rust, Python and shell. They read a
 * file once, whatever it holds, and never compile it: what macros make is not seen, and what looks like a definition is taken for one.
 */
import { languageOf } from '../query/languages.ts';
import type { Definition } from './definition.ts';
import { Keyworded } from './keyworded.ts';
import { pythonDefinitions, shellDefinitions } from './lines.ts';
import { Statements } from './statements.ts';
import { Tokens, type Lexicon } from './tokens.ts';

const slashes = ['//'];
const braces: Lexicon = { lineComments: slashes, blockComments: true };
const lexicons = {
  c: { ...braces, preprocessor: true }, cpp: { ...braces, preprocessor: true }, java: { ...braces, tripleQuotes: true },
  csharp: { ...braces, tripleQuotes: true }, go: { ...braces, backticks: 'raw' }, rust: { ...braces, rust: true },
  javascript: { ...braces, backticks: 'template', patterns: true }, typescript: { ...braces, backticks: 'template', patterns: true },
  python: { lineComments: ['#'], blockComments: false, tripleQuotes: true }, shell: { lineComments: ['#'], blockComments: false },
} as const satisfies Record<string, Lexicon>;

export type ScannedLanguage = keyof typeof lexicons;
export const scannedLanguages = Object.keys(lexicons) as readonly ScannedLanguage[];

/** Files that are longer are generated, and are not scanned. */
export const mostScannedBytes = 4 * 2 ** 20;

/** Null where no scanner knows the language. A header may be C++, whose scanner reads C as well. */
export function scannedLanguageOf(path: string): ScannedLanguage | null {
  const language = languageOf(path);
  return scannedLanguages.find((known) => known === language) ?? null;
}

export function definitionsIn(language: ScannedLanguage, bytes: Uint8Array): readonly Definition[] {
  const tokens = new Tokens(bytes, lexicons[language]).all();
  switch (language) {
    case 'c': case 'cpp': case 'java': case 'csharp': return new Statements(tokens, language).all();
    case 'javascript': case 'typescript': case 'go': case 'rust': return new Keyworded(tokens, language).all();
    case 'python': return pythonDefinitions(tokens, bytes);
    case 'shell': return shellDefinitions(tokens);
  }
}
