import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { candidateTypes, knownType, reportTypesFrom, typeOfFileName } from './types.ts';

const types = reportTypesFrom(readFileSync(new URL('../../../vendor/shadowserver/report-types.json', import.meta.url), 'utf8'));

it('the table has 170 types, each with columns named once and a time', () => {
  expect(types.size).toBe(170);
  for (const [type, { fields, taxonomy }] of types) {
    expect([type, new Set(fields).size]).toEqual([type, fields.length]);
    expect(fields).toContain('timestamp');
    expect(taxonomy).not.toBe('');
  }
});

it('a file name states its type as documented, and nothing else does', () => {
  const of = (name: string): string | null => typeOfFileName(types, name);
  expect(of('2020-04-03-scan_ics-sample-asn-delayed.csv')).toBe('scan_ics');
  expect(of('/in/2024-07-04-scan_smb-123-sample-asn.csv')).toBe('scan_smb');
  expect(of('2024-07-04-event4_sinkhole-x.csv.gz')).toBe('event4_sinkhole');
  expect(of('2024-07-04-event_sinkhole-x.csv')).toBe('event4_sinkhole');
  for (const name of ['scan_smb.csv', 'test_smb.csv', '2024-07-04-unheard_of-x.csv', '2024-07-04-scan_smb-x.txt', '']) expect(of(name)).toBeNull();
  expect(knownType(types, 'Scan-SMB')).toBe('scan_smb');
});

it('candidates are types whose columns fit', () => {
  const smb = types.get('scan_smb')?.fields ?? [];
  expect(candidateTypes(types, smb)).toContain('scan_smb');
  expect(candidateTypes(types, ['nothing', 'known'])).toEqual([]);
});
