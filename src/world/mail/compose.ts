/**
 * A letter as the bytes that travel: RFC 5322 with MIME, one text in UTF-8, and where a key is on file PGP/MIME (RFC 3156)
 * around it. Marked as sent by a machine (RFC 3834), so that absence notes do not answer it.
 */
import MimeNode from 'nodemailer/lib/mime-node';
import { sealedTo } from '../openpgp.ts';
import { MailError, type Letter } from './port.ts';

export async function composed(letter: Letter, from: string): Promise<Uint8Array> {
  const content = new MimeNode('text/plain; charset=utf-8').setContent(letter.text);
  const root = letter.pgpKey === null ? content : await sealed(await content.build(), letter.pgpKey);
  root.setHeader({
    from, to: { name: letter.to.name, address: letter.to.address }, subject: letter.subject, date: new Date(letter.date),
    'message-id': `<${letter.messageId}>`, 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All',
  });
  return new Uint8Array(await root.build());
}

async function sealed(inner: Uint8Array, armoredKey: string): Promise<MimeNode> {
  const root = new MimeNode('multipart/encrypted; protocol="application/pgp-encrypted"');
  root.createChild('application/pgp-encrypted').setContent('Version: 1\r\n');
  root.createChild('application/octet-stream').setContent(await encryptedTo(inner, armoredKey));
  return root;
}

async function encryptedTo(inner: Uint8Array, armoredKey: string): Promise<string> {
  try {
    return await sealedTo(withoutBlindHeaders(inner), armoredKey, 'armored');
  } catch (error) {
    // Never in the clear instead: a letter to somebody with a key waits until the key is mended.
    throw new MailError('refused', 'The key on file cannot be used to encrypt.', { cause: error });
  }
}

/** Of the inner part only what describes its content; who wrote to whom stands outside once. */
function withoutBlindHeaders(inner: Uint8Array): Uint8Array {
  const text = Buffer.from(inner).toString('utf8');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const kept = head.split(/\r\n(?!\s)/).filter((line) => /^content-/i.test(line));
  return Buffer.from(`${kept.join('\r\n')}\r\n\r\n${rest.join('\r\n\r\n')}`, 'utf8');
}
