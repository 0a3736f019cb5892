/**
 * Room on the disk as a port: whether files may still be taken in. Records and ledger share the disk with them, and a hub whose
 * disk is full can state no fact, so files stop while there is room for the rest.
 */
import { statfs } from 'node:fs/promises';
import { Refusal } from '#kit/refusal';

export interface Space {
  /** Throws the Refusal where so many bytes more would leave less than the floor free. */
  refuseFull(coming?: number): Promise<void>;
}

/** `floorBytes` of each file system that one of the folders lies on; 0 asks for nothing. */
export function diskSpace(folders: readonly string[], floorBytes: number): Space {
  return {
    async refuseFull(coming = 0) {
      if (floorBytes === 0) return;
      for (const disk of await Promise.all(folders.map((folder) => statfs(folder)))) {
        if (disk.bavail * disk.bsize - coming < floorBytes) throw full();
      }
    },
  };
}

const full = (): Refusal => new Refusal('unavailable', 'disk.full', 'The disk of this hub is almost full: it takes in no files.', {
  hint: 'Tell whoever runs the hub, and send the file again once there is room.',
});

export interface FakeSpace extends Space {
  /** What is free above the floor from now on, or once it has been looked at so often; endless before. */
  leave(bytes: number, looks?: number): void;
}

export function fakeSpace(): FakeSpace {
  const state = { free: Infinity, looks: 0 };
  return {
    leave(bytes, looks = 0) {
      Object.assign(state, { free: bytes, looks });
    },
    async refuseFull(coming = 0) {
      if (state.looks-- <= 0 && state.free - coming < 0) throw full();
    },
  };
}
