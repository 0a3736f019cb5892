/** `npm run check -- ci` runs the tier that wants PostgreSQL; without a word it runs that tier with the full counts. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [word, ...rest] = process.argv.slice(2);
const full = word !== 'ci';
const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'tests.mjs'), 'ci', ...(full && word ? [word] : []), ...rest], {
  cwd: root, stdio: 'inherit', env: { ...process.env, FULL: full ? 'yes' : '' },
});
process.exit(status ?? 1);
