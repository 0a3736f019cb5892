/** What this browser keeps of a passage to the identity provider: its secret, and where to go on to. Gone once it is used. */

const key = 'entente.passage';

export interface Kept {
  readonly flow: string;
  readonly next: string;
}

export function beginPassage(kept: Kept): void {
  window.sessionStorage.setItem(key, JSON.stringify(kept));
}

export function endPassage(): void {
  window.sessionStorage.removeItem(key);
}

export function keptPassage(): Kept | null {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(key) ?? 'null') as Partial<Kept> | null;
    return typeof kept?.flow === 'string' && typeof kept.next === 'string' ? { flow: kept.flow, next: kept.next } : null;
  } catch {
    return null;
  }
}
