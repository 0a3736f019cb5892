import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pcapngOf, sampleCapture } from '../../../kit/flows/testing.ts';
import { readCapture, watchedOf } from './reading.ts';

const device = '10.0.0.5';
async function* pieces(bytes: Uint8Array, size = 61): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = (bytes: Uint8Array, most?: number) => readCapture(watchedOf(device, '').watching, pieces(bytes), () => undefined, most);

describe('a capture on its way through', () => {
  it('is named by the digest of what was sent, packed or not', async () => {
    for (const bytes of [sampleCapture(device), gzipSync(sampleCapture(device)), sampleCapture(device).subarray(0, -5)]) {
      expect(await read(bytes)).toEqual({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length });
    }
  });
  it('that unpacks to more than a test needs is refused there, however small it came', async () => {
    const padded = Buffer.concat([pcapngOf([]), ...Array.from({ length: 40 }, () => pcapngOf([Buffer.alloc(100_000)]))]);
    const packed = gzipSync(padded);
    expect(packed.length).toBeLessThan(100_000);
    await expect(read(packed, 1_000_000)).rejects.toMatchObject({ code: 'capture.too-large', kind: 'too-large' });
    expect((await read(packed)).bytes).toBe(packed.length);
  });
  it.each([
    ['nothing', Buffer.alloc(0), 'byte 0'], ['text', Buffer.from('GET / HTTP/1.1\r\n'), 'byte 0'],
    ['a head alone', sampleCapture(device).subarray(0, 9), 'byte 4'],
    ['packing that breaks off', gzipSync(sampleCapture(device)).subarray(0, -12), 'byte'],
    ['a packet larger than any', Buffer.concat([sampleCapture(device).subarray(0, 24), Buffer.alloc(16, 255)]), 'byte'],
  ])('refuses %s with its place', async (_, bytes, place) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'capture.unreadable', detail: { at: expect.stringContaining(place) as string } });
  });
});

describe('the machine and the laboratory', () => {
  it('are written in one way, each once', () => {
    const { devices, lab } = watchedOf(' 10.0.0.5, FD00:0::5 10.0.0.5', '10.0.0.0/24,2001:db8::/32 10.0.0.1');
    expect([devices, lab]).toEqual([['10.0.0.5', 'fd00::5'], ['10.0.0.0/24', '2001:db8::/32', '10.0.0.1']]);
  });
  it.each([
    ['', '', 'device', 'capture.no-address'], ['router', '', 'device', 'capture.no-address'], [device, '10.0.0.1/24', 'lab', 'capture.no-address'],
    [device, '10.0.0.0/24, 0.0.0.0/0', 'lab', 'capture.lab-is-all'], [device, '::/0', 'lab', 'capture.lab-is-all'],
  ])('of “%s” and “%s” are refused at the %s', (one, lab, at, code) => {
    expect(() => watchedOf(one, lab)).toThrow(expect.objectContaining({ code, detail: expect.objectContaining({ at }) as object }) as Error);
  });
});
