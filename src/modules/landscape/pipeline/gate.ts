/** A gate that many pass together, or one alone: who wants it alone waits for those inside and keeps later ones out. */
export class Gate {
  private readonly inside = new Set<Promise<unknown>>();
  private lone: Promise<unknown> = Promise.resolve();

  async shared<T>(run: () => Promise<T>): Promise<T> {
    // Asked again after each wait: another may have come to be alone meanwhile.
    for (let lone: Promise<unknown> | null = null; lone !== this.lone;) {
      lone = this.lone;
      await lone;
    }
    const mine = run();
    const quiet: Promise<unknown> = mine.catch(() => undefined).finally(() => this.inside.delete(quiet));
    this.inside.add(quiet);
    return mine;
  }

  alone<T>(run: () => Promise<T>): Promise<T> {
    const before = this.lone;
    const mine = (async () => {
      await before;
      while (this.inside.size > 0) await Promise.all(this.inside);
      return run();
    })();
    this.lone = mine.catch(() => undefined);
    return mine;
  }
}
