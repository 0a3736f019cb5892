/**
 * Reads a delivery report (RFC 3464): which recipients, for good or for now, and which message it quotes. Mail servers write
 * these; whoever can mail us can write one too, so a report counts only for a message that we sent to that recipient.
 */

export interface Bounce {
  /** Without angle brackets; null where the report quotes none. */
  readonly messageId: string | null;
  readonly recipients: readonly { readonly address: string; readonly final: boolean; readonly status: string; readonly reason: string }[];
}

/** At most so many lines and recipients are looked at. */
const mostLines = 20_000;
const mostRecipients = 50;

export function readBounce(report: string): Bounce {
  const lines = unfolded(report);
  const recipients: Bounce['recipients'][number][] = [];
  let at: Record<string, string> = {};
  const close = (): void => {
    const address = /;\s*<?([^<>\s;]+@[^<>\s;]+)>?/.exec(at['final-recipient'] ?? at['original-recipient'] ?? '')?.[1];
    const status = /[245]\.\d{1,3}\.\d{1,3}/.exec(at['status'] ?? '')?.[0] ?? '';
    if (address !== undefined && recipients.length < mostRecipients) {
      const final = (at['action'] ?? '').toLowerCase().startsWith('failed') && !status.startsWith('4');
      recipients.push({ address, final, status, reason: (at['diagnostic-code'] ?? status).slice(0, 300) });
    }
    at = {};
  };
  for (const line of lines) {
    const field = /^([A-Za-z-]{1,40}):\s*(.*)$/.exec(line);
    if (line.trim() === '') close();
    else if (field) at[(field[1] ?? '').toLowerCase()] ??= field[2] ?? '';
  }
  close();
  const messageId = /^(?:message-id|in-reply-to|x-original-message-id):\s*<([^<>\s]{3,250})>/i;
  // The report has its own id first; the one it quotes is the last.
  const quoted = lines.flatMap((line) => messageId.exec(line)?.[1] ?? []).at(-1) ?? null;
  return { messageId: quoted, recipients };
}

/** Lines with those that go on joined to the one before. */
function unfolded(text: string): string[] {
  const out: string[] = [];
  for (const line of text.split(/\r?\n/, mostLines)) {
    const last = out.length - 1;
    if (/^[ \t]+\S/.test(line) && last >= 0 && out[last] !== '' && (out[last]?.length ?? 0) < 2000) out[last] += ` ${line.trim().slice(0, 1000)}`;
    else out.push(line.slice(0, 2000));
  }
  return out;
}
