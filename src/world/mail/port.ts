/**
 * Mail as a port: hands one letter to the next server, or says how it failed. What is written and to whom is the modules'
 * business; that it is sent at least once, and not twice without need, is the outbox's that calls this.
 */

export interface Letter {
  /** Without angle brackets. The same letter sent again carries the same one, so that the receiver can drop the copy. */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  /** Says that there is something, never what: subjects travel in the clear. */
  readonly subject: string;
  readonly text: string;
  /** RFC 3339. */
  readonly date: string;
  /** Public key in armour (RFC 9580); with one the text goes as PGP/MIME (RFC 3156). */
  readonly pgpKey: string | null;
}

/**
 * How it failed. `refused`: for good, this address will not take it. `later`: nothing was taken, try again. `unknown`: the
 * letter was handed over and no answer came; it may have arrived.
 */
export type MailReason = 'refused' | 'later' | 'unknown';

export class MailError extends Error {
  override readonly name = 'MailError';
  readonly reason: MailReason;
  constructor(reason: MailReason, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

export interface Mail {
  /** Resolves once the next server has taken the letter; throws a MailError otherwise. */
  send(letter: Letter): Promise<{ readonly response: string }>;
  close(): Promise<void>;
}
