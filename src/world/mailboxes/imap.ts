/**
 * Mailboxes over IMAP (RFC 9051, 3501) by imapflow. The server's address is judged like any other that the hub asks, and the
 * connection goes to the address that was judged; its certificate must be the name's.
 */
import { isIP } from 'node:net';
import type { ImapFlow, MessageStructureObject } from 'imapflow';
import { OutboundError, type Outbound } from '../http/port.ts';
import { MailboxError, type LetterPart, type MailboxPlace, type Mailboxes, type OpenMailbox, type SeenLetter } from './port.ts';

export interface ImapParts {
  readonly outbound: Pick<Outbound, 'locate'>;
  /** PEM of a certificate authority to trust beside the public ones: for tests. */
  readonly ca?: string;
}

/** What a server may make us hold: a response of headings, never a letter. */
const limits = { maxLineLength: 4_000_000, maxLiteralSize: 16_000_000, maxResponseSize: 32_000_000, maxResponseTokens: 200_000 };

const named = (error: unknown): MailboxError => {
  if (error instanceof MailboxError) return error;
  const { authenticationFailed, serverResponseCode, code } = error as { authenticationFailed?: boolean; serverResponseCode?: string; code?: string };
  const why = authenticationFailed === true ? 'The mail server does not let this account in.'
    : serverResponseCode !== undefined || code?.startsWith('ERR_TLS') === true || /CERT|STARTTLS|certificate/i.test(String(code) + String(error))
      ? 'The mail server refuses, or is not the one that it says.' : null;
  return why === null ? new MailboxError('unreachable', 'The mail server could not be reached, or broke off.', { cause: error })
    : new MailboxError('refused', why, { cause: error });
};

/** Leaves of a letter's structure; of a letter in a letter, that letter's. */
function partsOf(node: MessageStructureObject, found: LetterPart[] = []): LetterPart[] {
  if (found.length >= 200) return found;
  if (node.childNodes) {
    for (const child of node.childNodes) partsOf(child, found);
    return found;
  }
  const fileName = node.dispositionParameters?.['filename'] ?? node.parameters?.['name'] ?? null;
  found.push({
    // A letter of one part has no number; IMAP calls it the first.
    part: node.part ?? '1', type: node.type.toLowerCase(), fileName: fileName === null ? null : fileName.slice(0, 255),
    attached: node.disposition?.toLowerCase() === 'attachment' || fileName !== null,
  });
  return found;
}

export function imapMailboxes(parts: ImapParts): Mailboxes {
  return {
    async open(place) {
      const address = await parts.outbound.locate(place.host, place.port).catch((error: unknown) => {
        const reason = error instanceof OutboundError && error.reason === 'blocked' ? 'blocked' : 'unreachable';
        throw new MailboxError(reason, error instanceof Error ? error.message : 'The mail server has no address.', { cause: error });
      });
      const client = await clientFor(parts, place, address);
      const stop = (): void => client.close();
      // Errors of the connection reach whoever waits for it; without a listener they would end the process.
      client.on('error', () => undefined);
      place.signal?.addEventListener('abort', stop, { once: true });
      try {
        await client.connect();
        const box = await client.mailboxOpen(place.mailbox, { readOnly: true });
        return opened(client, String(box.uidValidity), () => place.signal?.removeEventListener('abort', stop));
      } catch (error) {
        client.close();
        place.signal?.removeEventListener('abort', stop);
        throw named(error);
      }
    },
  };
}

/** Loaded when it is wanted: few hubs read letters. */
async function clientFor(parts: ImapParts, place: MailboxPlace, address: string): Promise<ImapFlow> {
  const { ImapFlow: Client } = await import('imapflow');
  return new Client({
    host: address, port: place.port, secure: place.secure, auth: { user: place.user, pass: place.password }, logger: false,
    // STARTTLS or nothing: a password is not said in the clear.
    ...(place.secure ? {} : { doSTARTTLS: true }), ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
    disableAutoIdle: true, disableCompression: true, clientInfo: { name: 'entente' },
    connectionTimeout: 20_000, greetingTimeout: 15_000, socketTimeout: 60_000, ...limits,
    tls: { minVersion: 'TLSv1.2', ...(parts.ca === undefined ? {} : { ca: parts.ca }) },
  });
}

function opened(client: ImapFlow, uidValidity: string, forget: () => void): OpenMailbox {
  return {
    uidValidity,
    async after(uid, most) {
      try {
        // A client whose connection has ended answers with nothing, and so does a search that the server refuses.
        const uids = client.usable ? await client.search({ uid: `${uid + 1}:*` }, { uid: true }) : false;
        if (!uids) throw new MailboxError('unreachable', 'The mail server broke off.');
        // `5:*` names the last letter also where its number is lower than five.
        const wanted = uids.filter((one) => one > uid).sort((a, b) => a - b).slice(0, most);
        const found: SeenLetter[] = [];
        for (let at = 0; at < wanted.length; at += 50) {
          const some = wanted.slice(at, at + 50).join(',');
          for (const letter of await client.fetchAll(some, { uid: true, envelope: true, bodyStructure: true }, { uid: true })) {
            found.push({
              uid: letter.uid, subject: (letter.envelope?.subject ?? '').slice(0, 1000),
              from: (letter.envelope?.from ?? []).flatMap(({ address }) => (address === undefined ? [] : [address.toLowerCase()])),
              parts: letter.bodyStructure ? partsOf(letter.bodyStructure) : [],
            });
          }
        }
        if (!client.usable) throw new MailboxError('unreachable', 'The mail server broke off.');
        return found.sort((a, b) => a.uid - b.uid);
      } catch (error) {
        throw named(error);
      }
    },
    async* read(uid, part) {
      try {
        const { content } = await client.download(String(uid), part, { uid: true, decodeText: false });
        if (!content) throw new MailboxError('unreachable', 'The letter is not there any more.');
        yield* content as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw named(error);
      }
    },
    async close() {
      forget();
      await client.logout().catch(() => undefined);
      client.close();
    },
  };
}
