/** All types of STIX 2.1 by name, each with what it is made of. */
import { sharedProperties } from './shared.ts';
import { kindOf } from './names.ts';
import { scoTables } from './sco.ts';
import { sdoTables } from './sdo.ts';
import type { Property, TypeTable } from './shape.ts';
import { metaTables } from './structures.ts';

const tables: ReadonlyMap<string, TypeTable> = new Map([...sdoTables, ...scoTables, ...metaTables].map((table) => [table.type, table]));

export function tableOf(type: string): TypeTable | null {
  return tables.get(type) ?? null;
}

/** A property of a type, its own or one of its kind; null where the standard does not know the type or the property. */
export function propertyOf(type: string, name: string): Property | null {
  const table = tables.get(type);
  return table ? table.properties.get(name) ?? sharedProperties(type, kindOf(type)).get(name) ?? null : null;
}
