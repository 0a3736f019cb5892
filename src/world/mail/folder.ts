/**
 * Mail laid down as files, one `.eml` a letter, for a server that picks them up, for hubs that have none yet, and for the
 * demonstration. Named by the Message-ID: the same letter again is the same file.
 */
import { hash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { composed } from './compose.ts';
import { MailError, type Mail } from './port.ts';

export function folderMail(folder: string, from: string): Mail {
  return {
    async send(letter) {
      const raw = await composed(letter, from);
      const name = `${hash('sha256', letter.messageId).slice(0, 32)}.eml`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const file = await open(join(folder, `${name}.tmp`), 'w', 0o600);
        try {
          await file.writeFile(raw);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(join(folder, `${name}.tmp`), join(folder, name));
      } catch (error) {
        throw new MailError('later', 'The letter could not be laid down.', { cause: error });
      }
      return { response: name };
    },
    close: async () => undefined,
  };
}
