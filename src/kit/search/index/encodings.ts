/**
 * Files that say by a byte order mark that they are UTF-16 or UTF-32 are searched twice: as the bytes that they are, and as UTF-8. Text is
 * decoded chunk by chunk; what is no character becomes U+FFFD, as the Encoding Standard has it.
 */

/** Their numbers stand in the index: 0 is the bytes themselves. */
export const encodings = ['bytes', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'] as const;
export type FileEncoding = (typeof encodings)[number];

/** What the first bytes say; UTF-32 in little endian begins as UTF-16 does, and is told by the two bytes that follow. */
export function encodingOf(first: Uint8Array): FileEncoding {
  const [a, b, c, d] = first;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0 && b === 0 && c === 0xfe && d === 0xff ? 'utf-32be' : 'bytes';
}

export interface Decoding {
  /** UTF-8 of what is complete so far. */
  push(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

const utf8 = new TextEncoder();

export function decodingOf(encoding: Exclude<FileEncoding, 'bytes'>): Decoding {
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? utf16(encoding) : utf32(encoding === 'utf-32le');
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): Decoding {
  const decoder = new TextDecoder(encoding);
  return { push: (chunk) => utf8.encode(decoder.decode(chunk, { stream: true })), end: () => utf8.encode(decoder.decode()) };
}

function utf32(little: boolean): Decoding {
  let kept = new Uint8Array(0);
  let isFirst = true;
  const characterOf = (code: number): string => {
    const mark = isFirst && code === 0xfeff;
    isFirst = false;
    if (mark) return '';
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
  };
  return {
    push(chunk) {
      const bytes = new Uint8Array(kept.length + chunk.length);
      bytes.set(kept);
      bytes.set(chunk, kept.length);
      const whole = bytes.length - bytes.length % 4;
      const view = new DataView(bytes.buffer);
      let text = '';
      for (let at = 0; at < whole; at += 4) text += characterOf(view.getUint32(at, little));
      kept = bytes.slice(whole);
      return utf8.encode(text);
    },
    end: () => utf8.encode(kept.length > 0 ? '\ufffd' : ''),
  };
}
