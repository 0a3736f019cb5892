import { expect, test } from 'vitest';
import { openapiOf } from '../../src/app/openapi.ts';
import { outline } from '../../src/app/outline.ts';

type Node = { readonly [key: string]: unknown };
const document = openapiOf(outline(), '0.0.0') as Node;

function* references(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') yield value;
    else yield* references(value);
  }
}

test('every operation stands in the document once, with its right', () => {
  const found = Object.values(document['paths'] as Record<string, Record<string, Node>>).flatMap((path) => Object.values(path));
  expect(found.map((o) => o['operationId']).sort()).toEqual(outline().map((o) => o.id).sort());
  for (const operation of found) expect(operation['x-right']).toMatch(/^[a-z-]+\.[a-z-]+$/);
});

test('every reference leads to something in the document', () => {
  const all = [...references(document)];
  expect(all.length).toBeGreaterThan(outline().length);
  for (const reference of all) {
    const found = reference.slice(2).split('/').reduce<unknown>((node, key) => (node as Node | undefined)?.[key], document);
    expect([reference, found !== undefined]).toEqual([reference, true]);
  }
});

test('path parameters are declared and required, and query parameters are not in the path', () => {
  for (const [path, methods] of Object.entries(document['paths'] as Record<string, Record<string, Node>>)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
    for (const operation of Object.values(methods)) {
      const parameters = operation['parameters'] as { name: string; in: string; required: boolean }[];
      expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(named);
      expect(parameters.filter((p) => p.in === 'path').every((p) => p.required)).toBe(true);
    }
  }
});
