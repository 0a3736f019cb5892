/** Why an archive is refused: one sentence, and where. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  /** A path within it, or a byte of it. */
  readonly at: string;
  constructor(sentence: string, at: string, options?: ErrorOptions) {
    super(sentence, options);
    this.at = at;
  }
}
