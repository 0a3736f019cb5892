/**
 * The build: the server file by file (tsc), the web and the stand-alone verifier (Vite), the template of the records
 * database. Each step replaces its own output; nothing here depends on the clock or the machine.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (path) => join(root, 'node_modules', path);

function run(name, script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} failed (exit ${code})`))));
  });
}

/** Removes compiled files whose source is gone, so that no dead module stays importable. */
function sweep(folder) {
  const out = join(root, 'dist', folder);
  if (!existsSync(out)) return;
  for (const entry of readdirSync(out)) {
    const inner = join(folder, entry);
    const source = join(root, 'src', inner).replace(/\.js$/, '.ts');
    if (statSync(join(root, 'dist', inner)).isDirectory()) sweep(inner);
    else if (entry.endsWith('.js') && !existsSync(source)) rmSync(join(root, 'dist', inner));
  }
}

try {
  for (const floor of ['kit', 'world', 'modules', 'app', 'cli']) sweep(floor);
  const server = run('tsc', bin('typescript/bin/tsc'), ['-p', 'tsconfig.build.json']);
  const web = run('vite', bin('vite/bin/vite.js'), ['build', '--logLevel', 'warn', '--configLoader', 'runner']);
  await Promise.all([server, web]);
  // The default map; a deployment puts its own in its place with ENTENTE_MAP.
  copyFileSync(bin('world-atlas/countries-110m.json'), join(root, 'dist', 'map.json'));
  if (existsSync(join(root, 'scripts', 'build-verify.mjs'))) await run('the verifier', join(root, 'scripts', 'build-verify.mjs'), []);
  const { ensureTemplate } = await import(pathToFileURL(join(root, 'dist', 'world', 'db', 'pglite.js')).href);
  await ensureTemplate();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
