/** Mail handed to an SMTP server by URL (`smtps://user:secret@host`, `smtp://host:587`). TLS is used wherever it is offered. */
import { createTransport } from 'nodemailer';
import { composed } from './compose.ts';
import { MailError, type Mail, type MailReason } from './port.ts';

export interface SmtpOptions {
  readonly url: string;
  readonly from: string;
  /** How long one step of the conversation may take; 30 s unless said. */
  readonly patienceMs?: number;
}

export function smtpMail({ url, from, patienceMs = 30_000 }: SmtpOptions): Mail {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname, port: Number(port || (secure ? 465 : 587)), secure,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs,
    disableFileAccess: true, disableUrlAccess: true,
  });
  const envelopeFrom = /<([^<>]+)>/.exec(from)?.[1] ?? from;
  return {
    async send(letter) {
      const raw = Buffer.from(await composed(letter, from));
      try {
        const { response } = await transport.sendMail({ envelope: { from: envelopeFrom, to: [letter.to.address] }, raw });
        return { response: String(response).slice(0, 300) };
      } catch (error) {
        throw new MailError(reasonOf(error as SmtpFailure), sentenceOf(error as SmtpFailure), { cause: error });
      }
    },
    close: async () => transport.close(),
  };
}

interface SmtpFailure {
  readonly responseCode?: number; readonly command?: string; readonly response?: string; readonly message: string;
  readonly code?: string; readonly syscall?: string;
}

function reasonOf({ responseCode, command, code, syscall }: SmtpFailure): MailReason {
  // A refused sign-in or sender is our own trouble, not the address's.
  const ours = /^(AUTH|MAIL FROM|EHLO|HELO|CONN|STARTTLS)/.test(command ?? '');
  if (responseCode !== undefined && responseCode >= 500) return ours ? 'later' : 'refused';
  if (responseCode !== undefined && responseCode >= 400) return 'later';
  // Without an answer nobody knows whether the letter was taken, but where there was no conversation at all.
  return syscall === 'connect' || /^(EDNS|EAUTH|ETLS|EENVELOPE|ENOTFOUND|ECONNREFUSED)$/.test(code ?? '') ? 'later' : 'unknown';
}

function sentenceOf({ response, message }: SmtpFailure): string {
  return (response ?? message).replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 300);
}
