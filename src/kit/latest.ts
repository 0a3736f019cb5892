/**
 * The latest few answers to questions that cost much and whose answer never changes: what is asked again while it is being answered waits for
 * the same answer, what failed is asked anew.
 */
export function latest<T>(most: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, ask) => {
    const answer = kept.get(key) ?? ask();
    // The one used last stands last.
    kept.delete(key);
    kept.set(key, answer);
    answer.catch(() => { if (kept.get(key) === answer) kept.delete(key); });
    for (const old of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(old);
    }
    return answer;
  };
}
