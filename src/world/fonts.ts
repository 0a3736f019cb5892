/** The typeface of papers, out of the package that the pages use too. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Files of one weight, by script. */
export interface Fonts { readonly regular: readonly Uint8Array[]; readonly bold: readonly Uint8Array[] }

const scripts = ['latin', 'latin-ext', 'vietnamese'] as const;

export async function paperFonts(): Promise<Fonts> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fontsource/be-vietnam-pro/package.json')), 'files');
  const of = (weight: number) => Promise.all(scripts.map(async (script) =>
    new Uint8Array(await readFile(join(folder, `be-vietnam-pro-${script}-${weight}-normal.woff`)))));
  const [regular, bold] = await Promise.all([of(400), of(600)]);
  return { regular, bold };
}
