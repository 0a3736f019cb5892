/** What a scanner says of a name: where it is defined, as what, and in what. */
export const definitionKinds = [
  'class', 'constant', 'enum', 'enumerator', 'field', 'function', 'interface', 'macro', 'method', 'module', 'struct', 'trait', 'type', 'union', 'variable',
] as const;
export type DefinitionKind = (typeof definitionKinds)[number];

export interface Definition {
  /** One character a byte of the file. */
  readonly name: string;
  readonly kind: DefinitionKind;
  /** What it stands in, from the outside: `Outer.Inner`; empty at the top of a file. */
  readonly scope: string;
  /** From 1. */
  readonly line: number;
  /** Where the name stands in the file, in bytes. */
  readonly from: number;
  readonly to: number;
}

/** A scope within another. What is nested without end is named by its outer levels. */
export const within = (outer: string, name: string): string => (name === '' || outer.length > 300 ? outer : outer === '' ? name : `${outer}.${name}`);
