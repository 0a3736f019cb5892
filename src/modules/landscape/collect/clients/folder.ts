/**
 * Files that somebody lays into a folder of the inbox. One is taken once two looks have found it the same, so that what is still
 * being written is left alone; then it is moved to `done/`, or to `failed/` where it is none that could be taken. Each organisation
 * has a folder of its own there, named by its id, and reaches no other.
 */
import { InboxError, type WaitingFile } from '#world/inbox/port';
import type { SettingsOf } from '../model.ts';
import { fits } from '../rules.ts';
import { SourceError, type Looking, type Step } from './step.ts';

const markOf = ({ sizeBytes, modifiedMs }: WaitingFile): string => `${sizeBytes} ${modifiedMs}`;

export async function* folderFiles(settings: SettingsOf<'folder'>, looking: Looking): AsyncGenerator<Step> {
  const { inbox } = looking;
  if (inbox === null) throw new SourceError('feed-source.no-inbox', 'This hub has no inbox; its operator sets ENTENTE_INBOX.', null);
  const folder = `${looking.org}/${settings.folder}`;
  const no = (error: unknown, at: string): unknown => (error instanceof InboxError
    ? new SourceError(`feed-source.${error.reason}`, `${error.message} (${at})`, at, { cause: error }) : error);
  const found = (await inbox.list(folder).catch((error: unknown) => { throw no(error, folder); })).filter(({ name }) => fits(settings.match, name));
  const before = (looking.cursor['looked'] ?? {}) as Readonly<Record<string, unknown>>;
  const looked = Object.fromEntries(found.map((file) => [file.name, markOf(file)]));
  yield { kind: 'note', remember: { cursor: { looked } } };
  for (const file of found.filter((one) => before[one.name] === markOf(one))) {
    const at = `${folder}/${file.name}`;
    yield {
      kind: 'file', name: file.name, at, remember: {},
      open: async () => named(inbox.open(folder, file), (error) => no(error, at)),
      after: (taken) => inbox.move(folder, file.name, taken ? 'done' : 'failed').catch((error: unknown) => { throw no(error, at); }),
    };
  }
}

async function* named(bytes: AsyncIterable<Uint8Array>, no: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw no(error);
  }
}
