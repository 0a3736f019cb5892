/** Bytes as they lie, sixteen a line with their places and letters; those that differ are marked by more than colour: they are underlined too. */
import css from './HexBytes.module.css';

const wide = 16;
const letterOf = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

interface HexBytesProps {
  readonly label: string;
  /** Where the first of them stands in the whole. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** By the place in the whole. */
  readonly differs: (place: number) => boolean;
}

export function HexBytes({ label, from, bytes, differs }: HexBytesProps) {
  const first = from - (from % wide);
  const lines = Array.from({ length: Math.ceil((from + bytes.length - first) / wide) }, (_, i) => first + i * wide);
  const cells = (line: number, text: (byte: number) => string, blank: string, className?: string) => Array.from({ length: wide }, (_, i) => {
    const byte = line + i < from ? undefined : bytes[line + i - from];
    const marked = (byte !== undefined && differs(line + i)) || undefined;
    return <span key={i} className={className} data-differs={marked}>{byte === undefined ? blank : text(byte)}</span>;
  });
  return (
    <div className={css.box} tabIndex={0} role="region" aria-label={label} translate="no">
      {lines.map((line) => (
        <div key={line} className={css.line}>
          <span className={css.at}>{line.toString(16).padStart(8, '0')}</span>
          <span>{cells(line, (byte) => byte.toString(16).padStart(2, '0'), '  ', css.byte)}</span>
          <span className={css.text}>{cells(line, letterOf, ' ')}</span>
        </div>
      ))}
    </div>
  );
}
