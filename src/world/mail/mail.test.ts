import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { decrypt, generateKey, readMessage, readPrivateKey } from 'openpgp';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOnFile } from '../openpgp.ts';
import { composed } from './compose.ts';
import { fakeMail } from './fake.ts';
import { folderMail } from './folder.ts';
import { MailError, type Letter, type Mail } from './port.ts';
import { smtpMail } from './smtp.ts';

const letter = (change: Partial<Letter> = {}): Letter => ({
  messageId: 'one.two@hub.example', to: { name: 'Trịnh Thu Hà', address: 'it@gov.example' }, subject: 'Cảnh báo từ Trung tâm',
  text: 'Đơn vị có 2 địa chỉ bị nhiễm.\n', date: '2026-06-15T02:00:00.000Z', pgpKey: null, ...change,
});
const from = 'National Centre <notices@hub.example>';
const reason = (sent: Promise<unknown>): Promise<string> => sent.then(() => 'sent', (e: MailError) => e.reason);

/** What a mail server on loopback took; addresses say how it behaves. */
const server = { taken: [] as string[], url: '', stop: async () => undefined as unknown };
const at: { folder: string; smtp?: Mail } = { folder: '' };

beforeAll(async () => {
  at.folder = await mkdtemp(join(tmpdir(), 'entente-mail-'));
  const smtp = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], logger: false,
    onRcptTo(address, _, done) {
      const code = { 'gone@gov.example': 550, 'busy@gov.example': 451 }[address.address];
      done(code ? Object.assign(new Error('as told'), { responseCode: code }) : null);
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        server.taken.push(Buffer.concat(parts).toString('utf8'));
        const cut = session.envelope.rcptTo.some((r) => r.address === 'cut@gov.example');
        if (cut) (smtp as unknown as { connections: Set<{ _socket: { destroy(): void } }> }).connections.forEach((c) => c._socket.destroy());
        else done();
      });
    },
  });
  await new Promise<void>((resolve) => { smtp.listen(0, '127.0.0.1', resolve); });
  server.url = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
  server.stop = () => new Promise((resolve) => { smtp.close(() => resolve(undefined)); });
  at.smtp = smtpMail({ url: server.url, from, patienceMs: 5_000 });
});
afterAll(async () => {
  await at.smtp?.close();
  await server.stop();
  await rm(at.folder, { recursive: true, force: true });
});

describe('a letter', () => {
  test('is what RFC 5322 wants: encoded names and subject, one id, a date, a mark that a machine wrote it', async () => {
    const raw = Buffer.from(await composed(letter(), from)).toString('latin1');
    expect([...raw].every((c) => c.charCodeAt(0) < 128)).toBe(true);
    for (const line of ['Message-ID: <one.two@hub.example>', 'Date: Mon, 15 Jun 2026 02:00:00 +0000', 'Auto-Submitted: auto-generated']) {
      expect(raw.toLowerCase()).toContain(line.toLowerCase());
    }
    expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
  });

  test('with line breaks in a name or subject carries no header of theirs', async () => {
    const raw = Buffer.from(await composed(letter({
      subject: 'x\r\nBcc: evil@example.org', to: { name: 'x\r\nBcc: evil@example.org', address: 'it@gov.example' },
    }), from)).toString('latin1');
    expect(raw.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
  });

  test('with a key on file goes encrypted, readable to its holder alone, its subject saying nothing', async () => {
    const { publicKey, privateKey } = await generateKey({ userIDs: [{ email: 'it@gov.example' }] });
    expect((await keyOnFile(publicKey)).fingerprint).toMatch(/^[0-9a-f]{40,64}$/);
    const raw = Buffer.from(await composed(letter({ pgpKey: publicKey }), from)).toString('utf8');
    expect(raw).toContain('multipart/encrypted');
    expect(raw).not.toContain('nhi');
    const coded = /octet-stream[\s\S]*?\r\n\r\n([\s\S]+?)\r\n--/.exec(raw)?.[1] ?? '';
    const armored = coded.includes('BEGIN PGP') ? coded : Buffer.from(coded, 'base64').toString('utf8');
    const decryptionKeys = await readPrivateKey({ armoredKey: privateKey });
    const { data } = await decrypt({ message: await readMessage({ armoredMessage: armored }), decryptionKeys });
    expect(data).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
    expect(String(data)).not.toMatch(/^message-id:/im);
    await expect(keyOnFile(privateKey)).rejects.toThrow();
    await expect(keyOnFile('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx\n-----END PGP PUBLIC KEY BLOCK-----')).rejects.toThrow();
    expect(await reason(composed(letter({ pgpKey: 'no key' }), from))).toBe('refused');
  });
});

describe('handing over to a server', () => {
  test('ends with its word that it took the letter', async () => {
    expect((await at.smtp?.send(letter()))?.response).toMatch(/^250/);
    expect(server.taken.at(-1)).toContain('<one.two@hub.example>');
  });
  test('tells an address that is gone from a server that is busy, and both from not knowing', async () => {
    const to = (address: string) => reason((at.smtp as Mail).send(letter({ to: { name: 'x', address } })));
    expect(await to('gone@gov.example')).toBe('refused');
    expect(await to('busy@gov.example')).toBe('later');
    expect(await to('cut@gov.example')).toBe('unknown');
    expect(await reason(smtpMail({ url: 'smtp://127.0.0.1:1', from, patienceMs: 2_000 }).send(letter()))).toBe('later');
  });
});

test('laid down as a file, the same letter again is one file', async () => {
  const mail = folderMail(join(at.folder, 'out'), from);
  await mail.send(letter());
  await mail.send(letter());
  const files = await readdir(join(at.folder, 'out'));
  expect(files).toHaveLength(1);
  expect(await readFile(join(at.folder, 'out', files[0] ?? ''), 'utf8')).toContain('one.two@hub.example');
  // A file where the folder should be.
  expect(await reason(folderMail(join(at.folder, 'out', files[0] ?? ''), from).send(letter()))).toBe('later');
});

test('the fake fails as told, and takes the letter where nobody knows', async () => {
  const mail = fakeMail();
  mail.fail('it@gov.example', 'unknown');
  expect([await reason(mail.send(letter())), mail.letters.length]).toEqual(['unknown', 1]);
  mail.fail('it@gov.example', 'refused');
  expect([await reason(mail.send(letter())), mail.letters.length]).toEqual(['refused', 1]);
  mail.fail('it@gov.example', null);
  expect(await reason(mail.send(letter()))).toBe('sent');
});
