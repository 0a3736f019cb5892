/**
 * `npm run -s bench -- NAME [--json] [--scale N]`: runs bench/NAME.ts and prints one line a measure. With --json each line is
 * `{bench, measure, value, unit, peer, peerValue, ratio, runs, verified}`; `ratio` above 1 means we are better.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setUp } from '../scripts/setup.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const name = words.find((w) => !w.startsWith('--') && words[words.indexOf(w) - 1] !== '--scale');
const names = readdirSync(here).filter((f) => f.endsWith('.ts')).map((f) => f.slice(0, -3)).filter((f) => !f.includes('.'));
if (!name || !names.includes(name)) {
  process.stderr.write(`which bench? ${names.join(', ')}\n`);
  process.exit(64);
}
await setUp({ build: true });
const { register } = await import('tsx/esm/api');
register();
const { run } = await import(pathToFileURL(join(here, `${name}.ts`)).href);
const at = words.indexOf('--scale');
const scale = at >= 0 ? Number(words[at + 1]) : 1;
for await (const measure of run({ scale })) {
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify(measure)}\n`);
  else {
    const { measure: what, value, unit, peer, peerValue, ratio, verified } = measure;
    const beside = peer ? `   ${peer}: ${peerValue} (ratio ${ratio})` : '';
    process.stdout.write(`${what.padEnd(32)} ${value} ${unit}${beside}${verified ? '   verified' : '   NOT VERIFIED'}\n`);
  }
}
