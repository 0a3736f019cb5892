import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { dnsMessage, frameOf, pcapOf, tlsHello } from '../kit/flows/testing.ts';
import { reviewFlows } from './flows.ts';

const folder = mkdtempSync(join(tmpdir(), 'entente-flows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const declaration = put('declared.json', JSON.stringify({ v: 1, product: 'Shield', release: '4.2', flows: [
  { to: ['updates.kestrel.example'], ports: [443], purpose: 'updates' }, { to: ['crash.kestrel.example'], purpose: 'crash reports', when: 'opt-in' },
] }));
const device = '10.0.0.5';
const way = (name: string, to: string): Buffer[] => [frameOf({ from: device, to, opens: true }), frameOf({ from: device, to, payload: tlsHello(name) })];
const asked = frameOf({ from: device, to: '10.0.0.1', transport: 'udp', toPort: 53, payload: dnsMessage('metrics.other.example') });

async function ran(captures: string[], more: object = {}): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await reviewFlows({ declaration, captures, devices: [device], lab: ['10.0.0.0/24'], json: false, ...more },
    { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

describe('entente flows', () => {
  it('ends with 0 where all is declared, and says what was not seen', async () => {
    const { code, out, err } = await ran([put('good.pcap', pcapOf(way('updates.kestrel.example', '203.0.113.7')))]);
    expect(code).toBe(0);
    expect(out).toEqual(['Shield 4.2: 1 ways seen, 0 not declared, 0 names looked up and not declared, in 2 packets']);
    expect(err).toEqual(['Declared and not seen: crash.kestrel.example (crash reports).']);
  });
  it('ends with 1 where something is not, over several captures, packed or not', async () => {
    const captures = [put('a.pcap', pcapOf(way('updates.kestrel.example', '203.0.113.7'))),
      put('b.pcap.gz', gzipSync(pcapOf([asked, ...way('metrics.other.example', '198.51.100.9')])))];
    const { code, out } = await ran(captures);
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^metrics\.other\.example \(198\.51\.100\.9\) port 443 tcp: no declared flow goes there; 2 packets, \d+ bytes, 2023-11-14T22:13:21/);
    expect(out[1]).toBe('metrics.other.example: looked up 1 times, and no declared flow names it');
    const json = JSON.parse((await ran(captures, { json: true })).out.join('')) as unknown;
    expect(json).toMatchObject({ product: 'Shield', undeclared: [{ why: 'host', host: 'metrics.other.example' }], unseen: [1] });
  });
  it.each([
    ['a file that is not there', { captures: ['/nowhere/x.pcap'] }, 66], ['no capture', { captures: [declaration] }, 65],
    ['no address', { devices: ['here'] }, 65],
    ['no prefix', { lab: ['here'] }, 65], ['no declaration', { declaration: '/nowhere/x.json' }, 66],
  ])('refuses %s with a sentence', async (_, more, code) => {
    const capture = put('c.pcap', pcapOf([]));
    await expect(ran([capture], more)).rejects.toMatchObject({ name: 'StartError', exitCode: code });
  });
});
