/** Why a declaration or a capture is not read: one sentence, and where. */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly at: string;
  constructor(sentence: string, at: string, options?: ErrorOptions) {
    super(sentence, options);
    this.at = at;
  }
}
