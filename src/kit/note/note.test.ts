import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { seededSigner } from '#kit/bundle/testing';
import { nodeVerifying } from '#kit/hash/node';
import { webVerifying } from '#kit/hash/web';
import { fromBase64, toBase64, toHex, toUtf8 } from '#kit/encoding';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignatureTime } from './cosignature.ts';
import {
  cosign, cosignatureType, ecdsaType, ed25519Type, formatNote, formatVkey, mlDsaType, parseNote, parseVkey, signNote,
  verifierKey, verifyNote,
} from './note.ts';
import type { KeyType, Note, NoteSigner } from './note.ts';
import { meetsQuorum, parsePolicy } from './policy.ts';

// From the documentation of golang.org/x/mod/sumdb/note.
const neumannVkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const neumannText = 'If you think cryptography is the answer to your problem,\nthen you don\'t know what your problem is.\n';
const neumannNote = `${neumannText}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
// From C2SP tlog-checkpoint and tlog-cosignature.
const cosigned = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

async function signer(name: string, type: KeyType = ed25519Type): Promise<NoteSigner> {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  const key = await verifierKey(nodeVerifying, name, type, publicKey);
  return { key, sign: (message) => sign(null, message, pair.privateKey) };
}

function parsed(text: string): Note {
  const note = parseNote(toUtf8(text));
  if (!note) throw new Error('does not parse');
  return note;
}

test('the note and the key of the Go documentation verify, in Node and by Web Cryptography', async () => {
  const key = await parseVkey(nodeVerifying, neumannVkey);
  if (!key) throw new Error('no key');
  expect(formatVkey(key)).toBe(neumannVkey);
  const note = parsed(neumannNote);
  expect(note.text).toBe(neumannText);
  expect(formatNote(note)).toBe(neumannNote);
  for (const verifying of [nodeVerifying, webVerifying()]) {
    expect(await verifyNote(verifying, note, [key])).toEqual({ ok: true, by: [key], unknown: [] });
    expect(await verifyNote(verifying, { ...note, text: `x${note.text}` }, [key])).toMatchObject({ ok: false, line: 0 });
  }
});

test('the checkpoint of the specification parses, with its cosignature', () => {
  const note = parsed(cosigned);
  expect(formatNote(note)).toBe(cosigned);
  const checkpoint = parseCheckpoint(note.text);
  expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163, extensions: [] });
  expect(checkpoint && formatCheckpoint(checkpoint)).toBe(note.text);
  expect(note.signatures.map((line) => toHex(line.keyId))).toEqual(['033de0ae', '8d66cf3f']);
  expect(note.signatures.map((line) => cosignatureTime(line.signature))).toEqual([null, 1_679_315_147n]);
});

test('sixteen signatures and more are accepted, unknown ones ignored, known bad ones refuse the note', async () => {
  const signers = await Promise.all(Array.from({ length: 20 }, (_, i) => signer(`key${i}.example`)));
  const note = parsed(formatNote(await signNote('text\n\nwith an empty line\n', signers)));
  const keys = signers.map((s) => s.key);
  expect(await verifyNote(nodeVerifying, note, keys)).toMatchObject({ ok: true, by: keys });
  const [first, second] = keys;
  if (!first || !second) throw new Error('no keys');
  expect(await verifyNote(nodeVerifying, note, [second])).toMatchObject({ ok: true, by: [second] });
  const bad = note.signatures.map((line, i) => i === 3 ? { ...line, signature: new Uint8Array(64) } : line);
  expect(await verifyNote(nodeVerifying, { ...note, signatures: bad }, keys)).toMatchObject({ ok: false, line: 3 });
  expect(await verifyNote(nodeVerifying, { ...note, signatures: bad }, [first])).toMatchObject({ ok: true });
  expect(await verifyNote(nodeVerifying, note, [])).toMatchObject({ ok: false, line: null });
  const twice = { ...note, signatures: [...note.signatures.slice(0, 1), ...note.signatures.slice(0, 1)] };
  expect(await verifyNote(nodeVerifying, twice, [first])).toEqual({ ok: true, by: [first], unknown: [] });
  const again = { ...twice, signatures: twice.signatures.map((l, i) => i ? { ...l, signature: new Uint8Array(64) } : l) };
  expect(await verifyNote(nodeVerifying, again, [first])).toMatchObject({ ok: false, line: 1 });
  // The name of one key with the id of another is an unknown key.
  const mixed = [{ ...note.signatures[0], name: second.name } as const].flatMap((line) =>
    line.keyId && line.signature ? [{ name: line.name, keyId: line.keyId, signature: line.signature }] : []);
  expect(await verifyNote(nodeVerifying, { ...note, signatures: mixed }, keys)).toMatchObject({ ok: false, line: null });
});

test('an Ed25519 signature has one spelling: S + L is refused', async () => {
  const one = await signer('one.example');
  const note = await signNote('text\n', [one]);
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const signature = Buffer.from(note.signatures[0]?.signature ?? []);
  let s = BigInt(`0x${toHex(signature.subarray(32).reverse())}`) + order;
  for (let i = 32; i < 64; i++, s >>= 8n) signature[i] = Number(s & 255n);
  const forged = { ...note, signatures: [{ name: one.key.name, keyId: one.key.keyId, signature }] };
  expect(await verifyNote(nodeVerifying, forged, [one.key])).toMatchObject({ ok: false });
});

test('bytes that are not a signed note to the letter do not parse', () => {
  const line = neumannNote.split('\n').at(-2) ?? '';
  for (const bad of [
    '', 'text\n', 'text\n\n', neumannNote.slice(0, -1), `${neumannNote}\n`, neumannNote.replace('\n', '\r\n'),
    neumannNote.replace('If', 'I\t'), neumannNote.replace('— ', '- '), neumannNote.replace('Neumann x', 'Neumann  x'),
    neumannNote.replace('nAM=', 'nAN='), neumannNote.replace('nAM=', 'nAM'), neumannNote.replace('Peter', 'Pe+er'),
    `${neumannNote.trimEnd()} \n`, `${neumannText}\n— PeterNeumann x08gow==\n`, neumannNote + `${line}\n`.repeat(64),
  ]) expect(parseNote(toUtf8(bad)), JSON.stringify(bad)).toBeNull();
  expect(parseNote(new Uint8Array([0xff, ...toUtf8(neumannNote)]))).toBeNull();
});

test('keys that are malformed are not keys', async () => {
  for (const bad of [
    '', 'a+b+c', neumannVkey.replace('c74f20a3', 'c74f20a4'), neumannVkey.replace('c74f20a3', 'C74F20A3'),
    neumannVkey.replace('Peter', 'Pet er'), neumannVkey.replace('+AR', '+AS'), neumannVkey.slice(0, -4), `${neumannVkey}\n`,
  ]) expect(await parseVkey(nodeVerifying, bad), bad).toBeNull();
});

test('checkpoints are read strictly', () => {
  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  expect(parseCheckpoint(`o\n0\n${root}\next\n`)?.extensions).toEqual(['ext']);
  for (const bad of [
    `o\n01\n${root}\n`, `o\n-1\n${root}\n`, `o\n+1\n${root}\n`, `\n1\n${root}\n`, `o\n1\n${root}`, `o\n1\n${root}\n\n`,
    `o\n1\n${root.replace('q2I=', 'q2J=')}\n`, 'o\n1\nAAAA\n', 'o\n1\n', `o\n9007199254740993\n${root}\n`, `o\n1e3\n${root}\n`,
  ]) expect(parseCheckpoint(bad), bad).toBeNull();
});

test('a policy says which keys, which quorum and which least checkpoint', async () => {
  const log = await signer('log.example');
  const witnesses = await Promise.all(['w1', 'w2', 'w3'].map((name) => signer(`${name}.example`, cosignatureType)));
  const [w1, w2, w3] = witnesses.map((w) => w.key);
  if (!w1 || !w2 || !w3) throw new Error('no keys');
  const root = toBase64(new Uint8Array(32));
  const text = `# whom we trust
log ${formatVkey(log.key)} https://log.example/ledger
witness one ${formatVkey(w1)}
\twitness  two\t${formatVkey(w2)}
witness three ${formatVkey(w3)}

group pair 2 one two
group both any pair three
quorum both
least log.example 12 ${root}
`;
  const policy = await parsePolicy(nodeVerifying, toUtf8(text));
  expect(policy.logs).toEqual([{ ...log.key, url: 'https://log.example/ledger' }]);
  expect(policy.witnesses.map(({ label, url }) => [label, url])).toEqual([['one', null], ['two', null], ['three', null]]);
  expect(policy.least).toEqual([{ origin: 'log.example', size: 12, root: fromBase64(root) }]);
  const known = [...policy.logs, ...policy.witnesses];
  const note = await signNote(formatCheckpoint({ origin: 'log.example', size: 3, root: new Uint8Array(32) }), [log]);
  const lines = await Promise.all(witnesses.map((w) => cosign(note.text, w, 1_700_000_000n)));
  const enough = async (...which: number[]) => {
    const signatures = [...note.signatures, ...lines.filter((_, i) => which.includes(i))];
    const verdict = await verifyNote(nodeVerifying, parsed(formatNote({ ...note, signatures })), known);
    return verdict.ok && meetsQuorum(policy.quorum, verdict.by);
  };
  expect(await Promise.all([enough(), enough(0), enough(1), enough(0, 1), enough(2), enough(0, 1, 2)]))
    .toEqual([false, false, false, true, true, true]);
  const late = { ...note, text: note.text.replace('\n3\n', '\n4\n'), signatures: lines.slice(0, 1) };
  expect(await verifyNote(nodeVerifying, late, known)).toMatchObject({ ok: false, line: 0 });
});

test('a policy that is wrong names the line', async () => {
  const log = formatVkey((await signer('log.example')).key);
  const witness = formatVkey((await signer('w.example', cosignatureType)).key);
  const root = toBase64(new Uint8Array(32));
  for (const [text, line] of [
    ['', 1], ['log x\n', 1], [`log ${log}\n`, 2], [`log ${log}\nlog ${log}\nquorum none\n`, 2],
    [`log ${witness}\nquorum none\n`, 1], [`witness a ${log}\nquorum a\n`, 1], ['quorum nobody\n', 1],
    ['quorum none\nquorum none\n', 2], [`witness none ${witness}\nquorum none\n`, 1], ['quorum none', 1],
    [`witness a ${witness}\ngroup g 2 a\nquorum g\n`, 2], [`witness a ${witness}\ngroup g all\nquorum g\n`, 2],
    [`witness a ${witness}\ngroup g any a a\nquorum g\n`, 2], ['quorum none\nleast o 01 x\n', 2],
    [`quorum none\nleast o 1 ${root} x\n`, 2], ['quorum none\nmaybe\n', 2], ['quorum none\r\n', 1],
    [`witness a ${witness}\ngroup g 0 a\nquorum g\n`, 2], [`witness a ${witness}\ngroup g 01 a\nquorum g\n`, 2],
    [`witness a ${witness}\nwitness b ${witness}\nquorum a\n`, 2], [`witness a ${witness}\ngroup a any a\nquorum a\n`, 2],
    [`quorum a\nwitness a ${witness}\n`, 1], [`witness a ${witness}\ngroup g any h\ngroup h any a\nquorum g\n`, 2],
    [`witness a ${witness}\ngroup g any a none\nquorum g\n`, 2], [`witness a ${witness}\ngroup g any a\ngroup h any a\nquorum h\n`, 3],
    [`witness a ${witness} u v\nquorum a\n`, 1], [`witness a\nquorum a\n`, 1], ['quorum\n', 1], ['quorum none none\n', 1],
    ['log\n', 1], ['group\nquorum none\n', 1], ['quorum none\u007f\n', 1], ['Quorum none\n', 1],
    ['quorum none\n# \u0001\n', 2], [`quorum none\nleast o 1 ${root}\nleast o 2 ${root}\n`, 3],
  ] as const) await expect(parsePolicy(nodeVerifying, toUtf8(text)), text).rejects.toMatchObject({ line });
});

test('a policy is octets: names that are no UTF-8 are names, spaces of Unicode are none, and the limits are far off', async () => {
  const keys = await Promise.all(Array.from({ length: 40 }, (_, i) => signer(`w${i}.example`, cosignatureType)));
  const lines = keys.map(({ key }, i) => `witness w${i} ${formatVkey(key)}\n`).join('');
  const groups = keys.map((_, i) => `group g${i} any w${i}${i ? ` g${i - 1}` : ''}\n`).join('');
  const many = await parsePolicy(nodeVerifying, toUtf8(`${lines}${groups}quorum g39\n`));
  expect([many.witnesses.length, meetsQuorum(many.quorum, many.witnesses.slice(0, 1)), meetsQuorum(many.quorum, [])])
    .toEqual([40, true, false]);
  const witness = formatVkey((await signer('w.example', cosignatureType)).key);
  const raw = Buffer.from(`witness \u00ff\u00fe ${witness} \u00e9\nquorum \u00ff\u00fe\n`, 'latin1');
  expect((await parsePolicy(nodeVerifying, raw)).witnesses).toMatchObject([{ url: '\u00e9' }]);
  const kelvin = `witness K ${witness}\nquorum \u212a\n`;
  await expect(parsePolicy(nodeVerifying, toUtf8(kelvin))).rejects.toMatchObject({ line: 2 });
  const space = toUtf8(`witness a\u00a0b ${witness} https://w.example/đường\nquorum a\u00a0b`);
  expect((await parsePolicy(nodeVerifying, new Uint8Array([...space, 0x20, 0x09, 0x0a]))).witnesses)
    .toMatchObject([{ label: 'a\u00a0b', url: 'https://w.example/đường' }]);
  const crowd = Array.from({ length: 1100 }, (_, i) => `least o${i} 1 ${toBase64(new Uint8Array(32))}\n`).join('');
  await expect(parsePolicy(nodeVerifying, toUtf8(`${crowd}quorum none\n`))).rejects.toMatchObject({ line: 1025 });
  await expect(parsePolicy(nodeVerifying, new Uint8Array(9_000_000).fill(10))).rejects.toMatchObject({ line: 1 });
});

test('logs sign with any kind of key, witnesses cosign', async () => {
  const pq = formatVkey((await seededSigner('log.example', 'pq log', mlDsaType)).key);
  const spki = new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }));
  const ec = formatVkey(await verifierKey(nodeVerifying, 'log.example', ecdsaType, spki));
  const ed = formatVkey((await signer('log.example')).key);
  const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${pq}\nlog ${ec}\nlog ${ed}\nwitness w ${pq}\nquorum w\n`));
  expect([policy.logs.length, policy.witnesses.length]).toEqual([3, 1]);
  await expect(parsePolicy(nodeVerifying, toUtf8(`witness w ${ec}\nquorum w\n`))).rejects.toMatchObject({
    line: 1, message: 'policy line 1: the key of log.example is of type 0x02, not 0x04 or 0x06',
  });
});
