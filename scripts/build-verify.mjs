/**
 * Bundles the stand-alone verifier into one file that needs Node alone: `dist/entente-verify.mjs`. The same sources give
 * the same bytes: nothing of the clock, the machine or the path goes in. An argument names another output folder.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outDir = process.argv[2] === undefined ? join(root, 'dist') : resolve(process.argv[2]);

// The bundler's comments name sources relative to the working directory.
process.chdir(root);

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  resolve: { conditions: ['dev', 'node', 'import', 'module', 'default'] },
  ssr: { noExternal: true, resolve: { conditions: ['dev', 'node', 'import', 'module', 'default'] } },
  build: {
    ssr: join(root, 'src', 'cli', 'verify-alone.ts'),
    outDir,
    emptyOutDir: false,
    copyPublicDir: false,
    minify: false,
    sourcemap: false,
    target: 'node20',
    rollupOptions: { output: { format: 'es', entryFileNames: 'entente-verify.mjs', codeSplitting: false } },
  },
});
