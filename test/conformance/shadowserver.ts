/** Where the published Shadowserver files lie: beside the clone, since they are not ours to ship. What is missing fails. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'shadowserver');

export const pathOf = (name: string): string => join(folder, name);

export async function published(name: string): Promise<string> {
  return readFile(pathOf(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the conformance tier needs ../shared/data/shadowserver/${name} beside the clone (${error.code})`);
  });
}

/** What each sample file is, and how its columns differ from the published ones: counted by hand from the two files. */
export const samples = [
  {
    file: 'test_smb.csv', type: 'scan_smb', rows: 3,
    missing: ['hostname_source', 'protocol', 'sector', 'severity'], added: ['sic', 'smb_implant', 'smbv1_support'],
  },
  { file: 'test_telnet.csv', type: 'scan_telnet', rows: 2, missing: ['hostname_source', 'sector', 'severity'], added: ['sic'] },
] as const;
