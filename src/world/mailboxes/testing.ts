/**
 * A mail server for tests: as much of IMAP4rev1 as a client needs that reads one mailbox, over TLS or raised to it, and a
 * certificate for `mail.example` that signs itself. What it was asked is kept; it breaks off on command.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export const certificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBnzCCAUSgAwIBAgIUITX4QP4D2Z9VdPRWTCm9QrAnozIwCgYIKoZIzj0EAwIw',
  'FzEVMBMGA1UEAwwMbWFpbC5leGFtcGxlMCAXDTI2MTEyNjA3Mzc1NFoYDzIxMjYx',
  'MTAyMDczNzU0WjAXMRUwEwYDVQQDDAxtYWlsLmV4YW1wbGUwWTATBgcqhkjOPQIB',
  'BggqhkjOPQMBBwNCAARfCE6c8+jjRY3JPzRVTa3Exothe71UrCZIX4b0j1x/gUti',
  'c62Y9NQfG3gZJwdjC0ucvGZdQqDrjUOdi9xImMa7o2wwajAdBgNVHQ4EFgQU+0/X',
  'ji//w2rIDRO5ARw5f7Vuo/8wHwYDVR0jBBgwFoAU+0/Xji//w2rIDRO5ARw5f7Vu',
  'o/8wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxtYWlsLmV4YW1wbGUwCgYI',
  'KoZIzj0EAwIDSQAwRgIhAMM79E4L/QE5NdfgojNRRvtldxogjk08Osk/Y1JE6jRK',
  'AiEAm7Av3jScfhxAL3WV24EbwlMChIwrLTX9+6Ct/trJ+fQ=',
  '-----END CERTIFICATE-----',
].join('\n');
const privateKey = [
  '-----BEGIN PRIVATE KEY-----',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcFMzP3OdDukcDPNi',
  '1fJKz+EV5h4b2dU/DjsH8JRF94ShRANCAARfCE6c8+jjRY3JPzRVTa3Exothe71U',
  'rCZIX4b0j1x/gUtic62Y9NQfG3gZJwdjC0ucvGZdQqDrjUOdi9xImMa7',
  '-----END PRIVATE KEY-----',
].join('\n');

export interface ServedPart { readonly type: string; readonly fileName?: string; readonly encoding: 'base64' | '7bit'; readonly text: string }
export interface ServedLetter { readonly uid: number; readonly from: string; readonly subject: string; readonly parts: readonly ServedPart[] }

export interface MailServer {
  readonly port: number;
  readonly asked: string[];
  letters: readonly ServedLetter[];
  uidValidity: number;
  /** Ends the connection half-way through the next part that is read. */
  breakOff(): void;
  close(): Promise<void>;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
const sent = ({ encoding, text }: ServedPart): string =>
  (encoding === 'base64' ? Buffer.from(text, 'latin1').toString('base64').replaceAll(/.{76}/g, '$&\r\n') : text);

function structureOf(letter: ServedLetter): string {
  const parts = letter.parts.map((part) => {
    const [type = '', subtype = ''] = part.type.split('/');
    const disposition = part.fileName === undefined ? 'NIL' : `("attachment" ("filename" ${quoted(part.fileName)}))`;
    const lines = type === 'text' ? ' 1' : '';
    return `(${quoted(type)} ${quoted(subtype)} NIL NIL NIL ${quoted(part.encoding)} ${sent(part).length}${lines} NIL ${disposition} NIL NIL)`;
  });
  return parts.length === 1 ? parts[0] ?? '' : `(${parts.join('')} "mixed" ("boundary" "b") NIL NIL NIL)`;
}

function envelopeOf(letter: ServedLetter): string {
  const [name = '', host = ''] = letter.from.split('@');
  const address = `((NIL NIL ${quoted(name)} ${quoted(host)}))`;
  return `("Mon, 15 Jun 2026 02:00:00 +0000" ${quoted(letter.subject)} ${address} ${address} ${address} NIL NIL NIL NIL "<x@mail.example>")`;
}

const uidsIn = (set: string, uids: readonly number[]): number[] => {
  const last = Math.max(0, ...uids);
  return uids.filter((uid) => set.split(',').some((range) => {
    const [from = 0, to = from] = range.split(':').map((n) => (n === '*' ? last : Number(n)));
    return uid >= Math.min(from, to) && uid <= Math.max(from, to);
  }));
};

export async function mailServer(how: { readonly startTls?: boolean; readonly user?: string; readonly password?: string } = {}): Promise<MailServer> {
  const { user = 'feeds', password = 'letters' } = how;
  const state: { asked: string[]; letters: readonly ServedLetter[]; uidValidity: number; breaking: boolean } =
    { asked: [], letters: [], uidValidity: 7, breaking: false };
  const sockets = new Set<Socket>();
  const context = createSecureContext({ key: privateKey, cert: certificate });

  const fetched = (socket: Socket, words: string): void => {
    const [, set = '', what = ''] = /^UID FETCH (\S+) \(?(.*?)\)?$/.exec(words) ?? [];
    for (const uid of uidsIn(set, state.letters.map((l) => l.uid))) {
      const at = state.letters.findIndex((l) => l.uid === uid);
      const letter = state.letters[at] as ServedLetter;
      const items = [`UID ${uid}`];
      if (what.includes('ENVELOPE')) items.push(`ENVELOPE ${envelopeOf(letter)}`);
      if (what.includes('BODYSTRUCTURE')) items.push(`BODYSTRUCTURE ${structureOf(letter)}`);
      if (what.includes('RFC822.SIZE')) items.push(`RFC822.SIZE ${letter.parts.reduce((sum, part) => sum + sent(part).length, 500)}`);
      for (const [, section = '', from, count] of what.matchAll(/BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?/g)) {
        const part = letter.parts[Number(/^\d+/.exec(section)?.[0] ?? 1) - 1];
        const text = part === undefined ? '' : section.endsWith('MIME') || section === 'HEADER'
          ? `Content-Type: ${part.type}\r\nContent-Transfer-Encoding: ${part.encoding}\r\n`
            + `${part.fileName === undefined ? '' : `Content-Disposition: attachment; filename="${part.fileName}"\r\n`}\r\n` : sent(part);
        const cut = from === undefined ? text : text.slice(Number(from), Number(from) + Number(count));
        items.push(`BODY[${section}]${from === undefined ? '' : `<${from}>`} {${Buffer.byteLength(cut, 'latin1')}}\r\n${cut}`);
        if (state.breaking && from !== undefined) {
          state.breaking = false;
          socket.write(`* ${at + 1} FETCH (UID ${uid} BODY[${section}]<${from}> {${cut.length}}\r\n${cut.slice(0, 5)}`, () => socket.destroy());
          return;
        }
      }
      socket.write(`* ${at + 1} FETCH (${items.join(' ')})\r\n`, 'latin1');
    }
  };

  const answer = (socket: Socket, tag: string, words: string, raise: () => void): void => {
    state.asked.push(words.replace(/(LOGIN|PLAIN) .*/, '$1'));
    const say = (text: string): void => void socket.write(`${text}\r\n`);
    const [verb = ''] = words.toUpperCase().split(' ');
    const plain = !(socket instanceof TLSSocket);
    if (verb === 'CAPABILITY') say(`* CAPABILITY IMAP4rev1 ${plain ? 'STARTTLS LOGINDISABLED' : 'ID'}`);
    else if (verb === 'STARTTLS') {
      socket.write(`${tag} OK begin\r\n`, raise);
      return;
    } else if (verb === 'LOGIN') {
      if (plain || words !== `LOGIN ${quoted(user)} ${quoted(password)}`
        && words !== `LOGIN ${user} ${password}`) return say(`${tag} NO [AUTHENTICATIONFAILED] no`);
    } else if (verb === 'SELECT' || verb === 'EXAMINE') {
      if (!/^\w+ "?INBOX"?( |$)/i.test(words)) return say(`${tag} NO [NONEXISTENT] no such mailbox`);
      say(`* FLAGS (\\Seen)\r\n* ${state.letters.length} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY ${state.uidValidity}] ok\r\n* OK [UIDNEXT 100] ok`);
      return say(`${tag} OK [${verb === 'EXAMINE' ? 'READ-ONLY' : 'READ-WRITE'}] done`);
    } else if (words.toUpperCase().startsWith('UID SEARCH')) {
      const [, set = '1:*'] = /UID (\S+)$/i.exec(words.slice(10)) ?? [];
      say(`* SEARCH ${uidsIn(set, state.letters.map((l) => l.uid)).join(' ')}`.trimEnd());
    } else if (words.toUpperCase().startsWith('UID FETCH')) fetched(socket, words);
    else if (verb === 'ID') say('* ID NIL');
    else if (verb === 'NAMESPACE') say('* NAMESPACE (("" "/")) NIL NIL');
    else if (verb === 'LIST' || verb === 'LSUB') say(words.endsWith('"" ""') ? `* ${verb} (\\Noselect) "/" ""` : `* ${verb} (\\HasNoChildren) "/" "INBOX"`);
    else if (verb === 'LOGOUT') say('* BYE');
    if (!socket.destroyed) say(`${tag} OK done`);
  };

  const listen = (socket: Socket): void => {
    sockets.add(socket);
    const held = { text: '' };
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => {
      held.text += piece.toString('latin1');
      for (let end = held.text.indexOf('\r\n'); end >= 0; end = held.text.indexOf('\r\n')) {
        const line = held.text.slice(0, end);
        held.text = held.text.slice(end + 2);
        const [, tag = '', words = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
        answer(socket, tag, words, () => {
          socket.removeAllListeners('data');
          listen(new TLSSocket(socket, { isServer: true, secureContext: context }));
        });
      }
    });
  };
  const server: Server = createServer((socket) => {
    const spoken = how.startTls ? socket : new TLSSocket(socket, { isServer: true, secureContext: context });
    sockets.add(socket);
    socket.on('error', () => undefined);
    listen(spoken);
    spoken.write('* OK ready\r\n');
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port, asked: state.asked,
    get letters() { return state.letters; },
    set letters(letters) { state.letters = letters; },
    get uidValidity() { return state.uidValidity; },
    set uidValidity(value) { state.uidValidity = value; },
    breakOff: () => { state.breaking = true; },
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  };
}
