/** Writes the generated docs anew: `npm run docs`. A test fails when they are stale. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await setUp({ build: true });
const { generatedDocuments } = await import(pathToFileURL(join(root, 'dist', 'app', 'documents.js')).href);
for (const [name, text] of Object.entries(generatedDocuments())) writeFileSync(join(root, 'docs', name), text);
