/** An index that is not what its manifest says: nobody's question, so a fault, and never an answer with less in it. */

export class IndexDamage extends Error {
  override readonly name = 'IndexDamage';
}

export const damage = (what: string): IndexDamage => new IndexDamage(`the search index is damaged: ${what}`);
