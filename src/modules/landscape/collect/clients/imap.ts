/**
 * Files out of letters: what is attached, or what lies at addresses that a letter names at hosts of the settings. Only letters of
 * the senders on the list, and with the words of the subject, are looked into. What a letter says of its sender is not proved here
 * (the mail server's filters are the place for DKIM and DMARC), so the list keeps out mistakes and not an attacker who writes into
 * the mailbox.
 */
import { MailboxError, type LetterPart, type OpenMailbox, type SeenLetter } from '#world/mailboxes/port';
import type { SettingsOf } from '../model.ts';
import { fits, plainName, senderFits } from '../rules.ts';
import { fileAt } from './http.ts';
import { SourceError, type FileStep, type Looking, type Step } from './step.ts';

type Settings = SettingsOf<'imap'>;

const lettersMax = 500;
/** Of a letter that is read for its links. */
const textBytes = 2 * 1_048_576;

const no = (error: unknown, at: string): unknown => (error instanceof MailboxError
  ? new SourceError(`feed-source.mail-${error.reason}`, `${error.message} (${at})`, at, { cause: error }) : error);

export async function* imapFiles(settings: Settings, looking: Looking): AsyncGenerator<Step> {
  const { host, port, secure, user, mailbox } = settings;
  const at = `${user}@${host}/${mailbox}`;
  const place = { host, port, secure, user, mailbox, password: looking.secret('secret'), signal: looking.signal };
  const box = await looking.mailboxes.open(place).catch((error: unknown) => { throw no(error, at); });
  try {
    const same = looking.cursor['uidValidity'] === box.uidValidity;
    const after = same && typeof looking.cursor['uid'] === 'number' ? looking.cursor['uid'] : 0;
    const letters = await box.after(after, lettersMax).catch((error: unknown) => { throw no(error, at); });
    for (const letter of letters) {
      const remember = { cursor: { uidValidity: box.uidValidity, uid: letter.uid } };
      const files = wanted(settings, letter) ? await filesOf(settings, looking, box, letter, at) : [];
      // The letter is behind us with its last file; a crash before that takes all of its files again.
      for (const [i, file] of files.entries()) yield i < files.length - 1 ? file : { ...file, remember: { ...file.remember, ...remember } };
      if (files.length === 0) yield { kind: 'note', remember };
    }
  } finally {
    await box.close();
  }
}

const wanted = (settings: Settings, letter: SeenLetter): boolean => senderFits(settings.senders, letter.from)
  && letter.subject.toLowerCase().includes(settings.subject.toLowerCase());

async function filesOf(settings: Settings, looking: Looking, box: OpenMailbox, letter: SeenLetter, at: string): Promise<FileStep[]> {
  if (settings.take === 'links') return linked(settings, looking, box, letter, at);
  return letter.parts.filter((part) => part.attached && fits(settings.match, plainName(part.fileName ?? '', 'attachment'))).map((part): FileStep => ({
    kind: 'file', name: plainName(part.fileName ?? '', `letter-${letter.uid}`), at: `${at}#${letter.uid}`, remember: {},
    open: async () => read(box, letter, part, at),
  }));
}

async function* read(box: OpenMailbox, letter: SeenLetter, part: LetterPart, at: string): AsyncGenerator<Uint8Array> {
  try {
    yield* box.read(letter.uid, part.part);
  } catch (error) {
    throw no(error, `${at}#${letter.uid}`);
  }
}

/** Addresses in a text, at these hosts, https only: what is not part of an address ends it. */
export function linksIn(text: string, hosts: readonly string[]): string[] {
  const found = [...text.matchAll(/https:\/\/[^\s<>"'()[\]{}\\]{1,500}/g)].map((m) => m[0].replace(/[.,;:!?]+$/, '').replaceAll('&amp;', '&'));
  const allowed = hosts.map((host) => host.toLowerCase());
  return [...new Set(found)].filter((url) => URL.canParse(url) && allowed.includes(new URL(url).host));
}

async function linked(settings: Settings, looking: Looking, box: OpenMailbox, letter: SeenLetter, at: string): Promise<FileStep[]> {
  const urls: string[] = [];
  for (const part of letter.parts.filter(({ type, attached }) => !attached && (type === 'text/plain' || type === 'text/html'))) {
    let text = '';
    for await (const piece of read(box, letter, part, at)) {
      text += Buffer.from(piece).toString('latin1');
      if (text.length > textBytes) break;
    }
    urls.push(...linksIn(text, settings.linkHosts));
  }
  const fresh = [...new Set(urls)].map((url) => fileAt(looking, url, {})).filter(({ name }) => fits(settings.match, name));
  const seen = await looking.seen(fresh.map(({ remember }) => remember.seen?.[0]?.[0] ?? ''));
  return fresh.filter(({ remember }) => !seen.has(remember.seen?.[0]?.[0] ?? ''));
}
