/** The environment as a port: the one place that reads it, and the files that secrets are kept in. */
import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

export function systemEnvironment(): Environment {
  return { ...process.env };
}

/** Content of a secret's file without its final line end. Throws a sentence that names the path, never the content. */
export function secretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`could not read the secret file ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`);
  }
}
