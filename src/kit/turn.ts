/** Work that takes long lets others go on: what has come in meanwhile is dealt with before it resolves. */
export function nextTurn(): Promise<void> {
  return new Promise((go) => setImmediate(go));
}
