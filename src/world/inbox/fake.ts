/** An inbox in memory: a test lays files down and sees where they went. Fails on command. */
import { InboxError, isFolderName, type Inbox, type WaitingFile } from './port.ts';

export interface FakeInbox extends Inbox {
  /** Lays a file down, or another one in its place. */
  lay(folder: string, name: string, text: string, modifiedMs?: number): void;
  /** Names in a folder, as `a/done`. */
  names(folder: string): string[];
  /** The next reading breaks off after its first bytes. */
  failRead(): void;
}

export function fakeInbox(): FakeInbox {
  const files = new Map<string, { bytes: Uint8Array; modifiedMs: number }>();
  const state = { failing: false };
  const inside = (folder: string): [string, { bytes: Uint8Array; modifiedMs: number }][] => [...files]
    .filter(([path]) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/')).map(([path, file]) =>
      [path.slice(folder.length + 1), file]);
  return {
    lay: (folder, name, text, modifiedMs = 1) => void files.set(`${folder}/${name}`, { bytes: new TextEncoder().encode(text), modifiedMs }),
    names: (folder) => inside(folder).map(([name]) => name).sort(),
    failRead: () => { state.failing = true; },
    async list(folder) {
      if (!isFolderName(folder) || ![...files.keys()].some((path) => path.startsWith(`${folder}/`))) throw new InboxError('no-folder', 'fake: no folder');
      return inside(folder).map(([name, { bytes, modifiedMs }]): WaitingFile => ({ name, sizeBytes: bytes.length, modifiedMs }))
        .sort((a, b) => a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : 1));
    },
    async* open(folder, { name, sizeBytes, modifiedMs }) {
      const file = files.get(`${folder}/${name}`);
      if (file?.bytes.length !== sizeBytes || file.modifiedMs !== modifiedMs) throw new InboxError('changed', 'fake: changed');
      yield file.bytes.subarray(0, 10);
      if (state.failing) {
        state.failing = false;
        throw new InboxError('unreadable', 'fake: broke off');
      }
      yield file.bytes.subarray(10);
    },
    async move(folder, name, to) {
      const file = files.get(`${folder}/${name}`);
      if (!file) throw new InboxError('changed', 'fake: gone');
      let free = name;
      for (let n = 2; files.has(`${folder}/${to}/${free}`); n++) free = `${n}-${name}`;
      files.set(`${folder}/${to}/${free}`, file);
      files.delete(`${folder}/${name}`);
    },
  };
}
