/** Mailboxes of others as a port: reading letters that somebody was sent, and nothing else. Nothing is marked, moved or deleted. */

export interface MailboxPlace {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else the connection must be raised to TLS before anything is said. Plain text is not spoken. */
  readonly secure: boolean;
  readonly user: string;
  readonly password: string;
  /** `INBOX`. */
  readonly mailbox: string;
  readonly signal?: AbortSignal;
}

export interface LetterPart {
  /** What the mailbox calls it. */
  readonly part: string;
  /** `application/zip`, lower case. */
  readonly type: string;
  /** Null where it has none. */
  readonly fileName: string | null;
  /** Whether it is to be saved and not to be read. */
  readonly attached: boolean;
}

export interface SeenLetter {
  readonly uid: number;
  /** Addresses of the field From, lower case. What they say is not proved. */
  readonly from: readonly string[];
  readonly subject: string;
  readonly parts: readonly LetterPart[];
}

/** `refused`: the account, the mailbox or TLS. The others are the network's. */
export class MailboxError extends Error {
  override readonly name = 'MailboxError';
  readonly reason: 'refused' | 'unreachable' | 'blocked';
  constructor(reason: MailboxError['reason'], sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

export interface OpenMailbox {
  /** While it is the same a uid is the same letter. */
  readonly uidValidity: string;
  /** Letters after a uid, in the order of uids, at most so many. Throws a MailboxError. */
  after(uid: number, most: number): Promise<readonly SeenLetter[]>;
  /** The bytes of a part, its transfer encoding removed. Throws a MailboxError, also half-way. */
  read(uid: number, part: string): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface Mailboxes {
  /** Opens for reading only. Throws a MailboxError. */
  open(place: MailboxPlace): Promise<OpenMailbox>;
}
