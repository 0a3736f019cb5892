/** Mailboxes in memory. Fails on command. */
import { MailboxError, type LetterPart, type Mailboxes, type MailboxPlace, type SeenLetter } from './port.ts';

export interface FakeLetter { readonly from: string; readonly subject: string; readonly parts: readonly (Omit<LetterPart,
  'part'> & { readonly bytes: Uint8Array })[] }

export interface FakeMailboxes extends Mailboxes {
  readonly opened: MailboxPlace[];
  /** Puts a letter in; its uid. */
  deliver(letter: FakeLetter): number;
  /** Other uids from now on, as after a server was put back from a backup. */
  renumber(): void;
  /** What the next opening or reading fails with. */
  fail(reason: MailboxError['reason']): void;
}

export function fakeMailboxes(): FakeMailboxes {
  const state: { letters: FakeLetter[]; validity: number; failing: MailboxError['reason'] | null } = { letters: [], validity: 1, failing: null };
  const opened: MailboxPlace[] = [];
  const failNow = (): void => {
    const { failing } = state;
    state.failing = null;
    if (failing !== null) throw new MailboxError(failing, `fake: ${failing}`);
  };
  return {
    opened,
    deliver: (letter) => state.letters.push(letter),
    renumber: () => { state.validity++; },
    fail: (reason) => { state.failing = reason; },
    async open(place) {
      failNow();
      opened.push(place);
      return {
        uidValidity: String(state.validity),
        after: async (uid, most) => state.letters.map((letter, i): SeenLetter => ({
          uid: i + 1, from: [letter.from.toLowerCase()], subject: letter.subject,
            parts: letter.parts.map(({ bytes: _, ...part }, n) => ({ ...part, part: String(n + 1) })),
        })).filter((letter) => letter.uid > uid).slice(0, most),
        async* read(uid, part) {
          failNow();
          const bytes = state.letters[uid - 1]?.parts[Number(part) - 1]?.bytes;
          if (!bytes) throw new MailboxError('unreachable', 'fake: gone');
          yield bytes;
        },
        close: async () => undefined,
      };
    },
  };
}
