/** The generated docs, by file name under docs/. What they say is read off the endpoints, the matrix and the settings. */
import { configDocument } from './config.ts';
import { accessDocument, apiDocument } from './openapi.ts';
import { outline } from './outline.ts';

export function generatedDocuments(): Readonly<Record<string, string>> {
  const operations = outline();
  return { 'api.md': apiDocument(operations), 'access.md': accessDocument(operations), 'config.md': configDocument() };
}
