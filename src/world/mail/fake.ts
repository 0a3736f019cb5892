/** Mail that is kept for a test to read. Fails on command, also after it has taken the letter. */
import { MailError, type Letter, type Mail, type MailReason } from './port.ts';

export interface FakeMail extends Mail {
  readonly letters: Letter[];
  /** Letters to this address fail so from now on; null mends it. `unknown` takes the letter all the same. */
  fail(address: string, reason: MailReason | null): void;
}

export function fakeMail(): FakeMail {
  const letters: Letter[] = [];
  const failing = new Map<string, MailReason>();
  return {
    letters,
    fail(address, reason) {
      if (reason === null) failing.delete(address);
      else failing.set(address, reason);
    },
    async send(letter) {
      const reason = failing.get(letter.to.address);
      if (reason === undefined || reason === 'unknown') letters.push(letter);
      if (reason !== undefined) throw new MailError(reason, `mail fails as told: ${reason}`);
      return { response: '250 kept' };
    },
    close: async () => undefined,
  };
}
