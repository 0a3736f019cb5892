import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { seededSigner } from '#kit/bundle/testing';
import { concatBytes, fromBase64, toBase64, toHex, toUtf8 } from '#kit/encoding';
import { ecdsaCurve, rawEcdsa } from '#kit/hash/ecdsa';
import { nodeVerifying } from '#kit/hash/node';
import { webVerifying } from '#kit/hash/web';
import { formatCheckpoint, isOrigin, readCheckpoint } from './checkpoint.ts';
import { cosignatureTime, subtreeMessage } from './cosignature.ts';
import {
  cosign, cosignSubtree, cosignatureType, ecdsaType, formatNote, formatSignature, formatVkey, isKeyName, maxNoteBytes,
  mlDsaType, parseNote, parseSignature, parseVkey, signNote, verifierKey, verifyNote, verifySubtree,
} from './note.ts';
import type { Note } from './note.ts';

const both = [nodeVerifying, webVerifying()];
const root = new Uint8Array(createHash('sha256').update('a root').digest());
const text = formatCheckpoint({ origin: 'log.example', size: 5, root });
const time = 1_769_904_000n;

function parsed(whole: string): Note {
  const note = parseNote(toUtf8(whole));
  if (!note) throw new Error('does not parse');
  return note;
}

test('the key and the note of the specification verify', async () => {
  const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const note = parsed('This is an example message.\n\n— example.com/foo '
    + 'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n');
  const key = await parseVkey(nodeVerifying, vkey);
  if (!key) throw new Error('no key');
  expect(toHex(key.publicKey)).toBe('e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4');
  for (const verifying of both) expect(await verifyNote(verifying, note, [key])).toMatchObject({ ok: true });
});

test('an ML-DSA cosigner signs the structure of the specification, name and log in it, extension lines not', async () => {
  const witness = await seededSigner('witness.example/w', 'ml-dsa', mlDsaType);
  const message = subtreeMessage('witness.example/w', time, { origin: 'log.example', start: 0, end: 5, hash: root });
  // Put together by hand from the text of the standard.
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(time);
  expect(message && toHex(message)).toBe(Buffer.concat([
    Buffer.from('737562747265652f76310a00', 'hex'), Buffer.from([17]), Buffer.from('witness.example/w'), stamp,
    Buffer.from([11]), Buffer.from('log.example'), Buffer.alloc(8), Buffer.from('0000000000000005', 'hex'), root,
  ]).toString('hex'));
  const line = await cosign(text, witness, time);
  expect([line.signature.length, cosignatureTime(line.signature)]).toEqual([2428, time]);
  for (const verifying of both) {
    expect(await verifyNote(verifying, { text, signatures: [line] }, [witness.key])).toMatchObject({ ok: true });
    const extended = { text: `${text}an extension\n`, signatures: [line] };
    expect(await verifyNote(verifying, extended, [witness.key])).toMatchObject({ ok: true });
  }
  const refuses = async (note: Note, key = witness.key) =>
    expect(await verifyNote(nodeVerifying, note, [key])).toMatchObject({ ok: false, line: 0 });
  await refuses({ text: text.replace('\n5\n', '\n6\n'), signatures: [line] });
  await refuses({ text: text.replace('log.', 'lag.'), signatures: [line] });
  await refuses({ text: 'not a checkpoint\n', signatures: [line] });
  for (const at of [0, 7, 8, 2427]) {
    const signature = line.signature.slice();
    signature[at] = (signature[at] ?? 0) ^ 1;
    await refuses({ text, signatures: [{ ...line, signature }] });
  }
  await refuses({ text, signatures: [{ ...line, signature: line.signature.slice(0, -1) }] });
  // Another name over the same key is another cosigner: its signature is bound to its name.
  const other = await verifierKey(nodeVerifying, 'witness.example/v', mlDsaType, witness.key.publicKey);
  await refuses({ text, signatures: [{ ...line, name: other.name, keyId: other.keyId }] }, other);
});

test('an Ed25519 cosignature covers the extension lines', async () => {
  const witness = await seededSigner('witness.example', 'ed', cosignatureType);
  const line = await cosign(`${text}an extension\n`, witness, time);
  const known = [witness.key];
  expect(await verifyNote(nodeVerifying, { text: `${text}an extension\n`, signatures: [line] }, known)).toMatchObject({ ok: true });
  expect(await verifyNote(nodeVerifying, { text, signatures: [line] }, known)).toMatchObject({ ok: false });
});

test('keys of ML-DSA are written and read, and an id of another type does not fit', async () => {
  const { key } = await seededSigner('witness.example', 'vkey', mlDsaType);
  const vkey = formatVkey(key);
  expect(await parseVkey(nodeVerifying, vkey)).toEqual(key);
  const expected = createHash('sha256').update('witness.example\n').update(Buffer.from([6])).update(key.publicKey).digest();
  expect(toHex(key.keyId)).toBe(expected.subarray(0, 4).toString('hex'));
  for (const [type, length] of [[6, 1311], [6, 1313], [1, 1312], [5, 32], [255, 32], [0, 32], [2, 91]] as const) {
    const raw = toBase64(concatBytes(new Uint8Array([type]), new Uint8Array(length)));
    const id = createHash('sha256').update('n\n').update(fromBase64(raw) ?? '').digest('hex').slice(0, 8);
    expect(await parseVkey(nodeVerifying, `n+${id}+${raw}`), `${type} ${length}`).toBeNull();
  }
});

test('a note of sixteen signatures, ML-DSA among them, is accepted; lines of type 0xff are ignored', async () => {
  const witnesses = await Promise.all(Array.from({ length: 16 }, (_, i) =>
    seededSigner(`w${i}.example`, `many ${i}`, i % 4 ? cosignatureType : mlDsaType)));
  const lines = await Promise.all(witnesses.map((witness) => cosign(text, witness, time)));
  const odd = { name: 'other.example', keyId: new Uint8Array([1, 2, 3, 4]), signature: new Uint8Array([255, 1]) };
  const note = parsed(formatNote({ text, signatures: [odd, ...lines] }));
  const keys = witnesses.map(({ key }) => key);
  expect(await verifyNote(nodeVerifying, note, keys)).toEqual({ ok: true, by: keys, unknown: [0] });
});

test('a subtree is cosigned without a time, and only a subtree that begins with the first leaf may have one', async () => {
  const cosigner = await seededSigner('mirror.example', 'subtree', mlDsaType);
  const subtree = { origin: 'log.example', start: 8, end: 13, hash: root };
  const line = await cosignSubtree(subtree, cosigner);
  expect(cosignatureTime(line.signature)).toBe(0n);
  expect(await verifySubtree(nodeVerifying, cosigner.key, subtree, line)).toBe(true);
  expect(await verifySubtree(nodeVerifying, cosigner.key, { ...subtree, start: 9 }, line)).toBe(false);
  expect(await verifySubtree(nodeVerifying, cosigner.key, subtree, { ...line, name: 'm' })).toBe(false);
  const dated = line.signature.slice();
  dated[7] = 1;
  expect(await verifySubtree(nodeVerifying, cosigner.key, subtree, { ...line, signature: dated })).toBe(false);
  const whole = await cosign(text, cosigner, time);
  expect(await verifySubtree(nodeVerifying, cosigner.key, { ...subtree, start: 0, end: 5 }, whole)).toBe(true);
  expect(subtreeMessage('m', 1n, subtree)).toBeNull();
  expect(subtreeMessage('m', 2n ** 63n, { ...subtree, start: 0 })).toBeNull();
  expect(subtreeMessage('m'.repeat(256), 0n, subtree)).toBeNull();
  expect(subtreeMessage('', 0n, subtree)).toBeNull();
  await expect(cosignSubtree(subtree, await seededSigner('e.example', 'e', cosignatureType))).rejects.toThrow(/0x06/);
});

test('a signer signs only what its key can', async () => {
  const ed = await seededSigner('log.example', 'log');
  const pq = await seededSigner('log.example', 'log', mlDsaType);
  await expect(cosign(text, ed, time)).rejects.toThrow(/0x04 or 0x06/);
  await expect(signNote(text, [pq])).rejects.toThrow(/cosign/);
  await expect(cosign('no checkpoint\n', pq, time)).rejects.toThrow(/no checkpoint/);
  await expect(cosign(text, pq, -1n)).rejects.toThrow();
  await expect(cosign(text.replace('log', 'l'.repeat(300)), pq, time)).rejects.toThrow(/too long/);
  // The log itself may sign by ML-DSA; its line is a cosignature that bears its name.
  const line = await cosign(text, pq, time);
  expect(await verifyNote(nodeVerifying, { text, signatures: [line] }, [ed.key, pq.key])).toMatchObject({ ok: true, by: [pq.key] });
});

test.each(['P-256', 'P-384', 'P-521'] as const)('a note signed by ECDSA on %s is checked, in Node and in the browser', async (curve) => {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
  const key = await verifierKey(nodeVerifying, 'ec.example', ecdsaType, spki);
  expect(toHex(key.keyId)).toBe(createHash('sha256').update(spki).digest('hex').slice(0, 8));
  expect(await parseVkey(nodeVerifying, formatVkey(key))).toEqual(key);
  const signature = new Uint8Array(sign('sha256', toUtf8(text), { key: pair.privateKey, dsaEncoding: 'der' }));
  const note = (bytes: Uint8Array): Note => ({ text, signatures: [{ name: key.name, keyId: key.keyId, signature: bytes }] });
  const zero = concatBytes(signature, new Uint8Array([0]));
  const other = new Uint8Array(sign('sha256', toUtf8(`${text}x`), pair.privateKey));
  for (const verifying of both) {
    expect(await verifyNote(verifying, note(signature), [key])).toMatchObject({ ok: true });
    for (const bad of [zero, other, signature.slice(0, -1), new Uint8Array(1), new Uint8Array(0)]) {
      expect(await verifyNote(verifying, note(bad), [key])).toMatchObject({ ok: false, line: 0 });
    }
    const off = spki.slice();
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    expect(await verifying.verifyEcdsa(off, toUtf8(text), signature)).toBe(false);
  }
  await expect(signNote(text, [{ key, sign: () => signature }])).rejects.toThrow(/only checked/);
});

test('DER has one spelling', () => {
  const good = [0x30, 6, 2, 1, 5, 2, 1, 9];
  expect(rawEcdsa(new Uint8Array(good), 32)?.filter((byte) => byte)).toEqual(new Uint8Array([5, 9]));
  for (const bad of [
    [0x30, 7, 2, 2, 0, 5, 2, 1, 9], [0x30, 0x81, 6, ...good.slice(2)], [0x30, 6, 2, 1, 0x85, 2, 1, 9], [0x30, 4, 2, 0, 2, 0],
    [0x30, 6, 2, 1, 5, 2, 2, 9], [0x30, 3, 2, 1, 5], [0x31, ...good.slice(1)], [0x30, 6, 3, ...good.slice(3)], [0x30], [],
  ]) expect(rawEcdsa(new Uint8Array(bad), 32), String(bad)).toBeNull();
  expect(ecdsaCurve(new Uint8Array(91))).toBeNull();
});

test('names of keys follow Unicode, origins fit a cosignature, sizes beyond 2^53 are refused by name', () => {
  for (const good of ['a', 'log.example/x', 'điều', '\ufeff', 'a\u007f']) expect(isKeyName(good), good).toBe(true);
  for (const bad of ['', 'a b', 'a+b', 'a\u00a0', '\u2028', '\u3000', '\u0085', 'a\tb', '\ud800']) expect(isKeyName(bad)).toBe(false);
  expect([isOrigin('o'), isOrigin('ộ'.repeat(85)), isOrigin('ộ'.repeat(86)), isOrigin(''), isOrigin('a\nb')])
    .toEqual([true, true, false, false, false]);
  expect(() => formatCheckpoint({ origin: 'o'.repeat(256), size: 0, root })).toThrow(/origin/);
  expect(() => formatCheckpoint({ origin: 'o', size: 2 ** 53, root })).toThrow(/size/);
  const at = (size: string): unknown => readCheckpoint(`o\n${size}\n${toBase64(root)}\n`);
  expect(at('9007199254740991')).toMatchObject({ size: Number.MAX_SAFE_INTEGER });
  for (const size of ['9007199254740992', '9223372036854775807', '99999999999999999999999999']) {
    expect(at(size)).toBe('line 2 is a size beyond 2^53 - 1, which this software does not hold');
  }
  expect(at('007')).toMatch(/leading zeros/);
});

test('a note that is too large is refused unread, and a signature line stands alone', async () => {
  const line = formatSignature(await cosign(text, await seededSigner('w.example', 'line', cosignatureType), time));
  expect(parseSignature(line.slice(0, -1))).not.toBeNull();
  expect(parseSignature(line)).toBeNull();
  expect(parseNote(toUtf8(`${'x'.repeat(maxNoteBytes)}\n\n${line}`))).toBeNull();
});
