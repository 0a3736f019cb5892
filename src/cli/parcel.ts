/** `entente verify-parcel FILE --key VKEY`: whether a parcel is what its sender has signed; needs no hub and no data folder. */
import { createReadStream } from 'node:fs';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { parseVkey } from '#kit/note/note';
import { checkParcel, ParcelFault } from '#kit/parcel/parcel';
import { StartError } from '#world/folder';

/** Answers the exit code: 0 where every byte is what was signed, 1 where it is not. */
export async function verifyParcel(file: string, vkey: string, say: (line: string) => void): Promise<number> {
  const key = await parseVkey(nodeVerifying, vkey);
  if (key === null) throw new StartError('--key is no verifier key.', 64);
  const source = createReadStream(file);
  try {
    const { header } = await checkParcel(source, { verifying: nodeVerifying, tree: nodeTreeHash, known: [key] });
    say(`verified: parcel ${header.number} of ${header.series} (“${header.title}”) for ${header.to}, TLP:${header.ceiling} at most, `
      + `${header.objects} objects, ${header.retractions} retractions, made ${header.madeAt}, signed by ${key.name}`);
    return 0;
  } catch (error) {
    if (error instanceof ParcelFault) {
      say(`failed: ${error.message}`);
      return 1;
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new StartError(`The file ${file} cannot be read (${code}).`, 66, { cause: error });
    throw error;
  } finally {
    source.destroy();
  }
}
