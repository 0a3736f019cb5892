/**
 * Outbound HTTP as a port: the one way in which the hub asks another machine for something. Whoever names an address
 * names it for us, so what leads into the hub's own networks is refused before a byte is sent.
 */

export interface OutboundRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Largest body that is read; 1 MB unless said. */
  readonly bytesMax?: number;
  /** `ask`: for the whole conversation, redirects included. `open`: until the answer begins, and for each silence in it. 15 s unless said. */
  readonly patienceMs?: number;
  /** Redirects of GET and HEAD that are followed, each looked at like the first address; 0 to 5, 5 unless said. */
  readonly redirectsMax?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  readonly status: number;
  /** Lower case names; a header sent twice is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** An answer whose body is still coming. */
export interface OutboundStream extends Omit<OutboundAnswer, 'body'> {
  /** Read once, to its end or not at all. Fails with an OutboundError: `too-large` once it is longer than `bytesMax`. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the conversation where the body is not read. */
  cancel(): void;
}

/** Why there is no answer. `blocked` is a rule of ours; the rest are the other side's or the network's. */
export type OutboundReason = 'blocked' | 'unreachable' | 'too-slow' | 'too-large' | 'redirect' | 'stopped';

export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly reason: OutboundReason;
  constructor(reason: OutboundReason, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

export interface Outbound {
  /**
   * Asks and reads the whole answer, whatever its status. Throws an OutboundError where there is none. Cookies are never
   * kept; of the headers given only what says nothing of us (`Accept` and the like) goes to another origin than the first; http
   * never follows https.
   */
  ask(request: OutboundRequest): Promise<OutboundAnswer>;
  /** The same for what may be large: answers once the other side begins to. A reader that stops early ends the conversation. */
  open(request: OutboundRequest): Promise<OutboundStream>;
  /**
   * An address behind a name, judged by the same rules, for a protocol of mail (ports 143 and 993); throws an OutboundError.
   * Whoever connects does so to this address, and not to the name.
   */
  locate(host: string, port: number): Promise<string>;
}
