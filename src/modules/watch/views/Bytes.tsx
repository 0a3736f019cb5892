/** Bytes of both sides, sixteen a line, with those that differ marked by more than colour: they are underlined too. */
import { useWords } from '#ui/words';
import type { Excerpt } from '../model.ts';
import type { z } from 'zod';
import css from './Bytes.module.css';

type Shown = z.infer<typeof Excerpt>;
const wide = 16;
const bytesOf = (hex: string): readonly string[] => hex.match(/../g) ?? [];
const letter = (byte: string): string => {
  const code = Number.parseInt(byte, 16);
  return code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
};

export function Bytes({ of, beside, label }: { readonly of: Shown; readonly beside: Shown | undefined; readonly label: string }) {
  const { t } = useWords();
  const [own, other] = [bytesOf(of.hex), beside ? bytesOf(beside.hex) : null];
  const lines = Array.from({ length: Math.ceil(own.length / wide) }, (_, i) => own.slice(i * wide, (i + 1) * wide));
  const differs = (at: number): true | undefined => (other !== null && other[at] !== own[at] ? true : undefined);
  return (
    <figure className={css.figure}>
      <figcaption className={css.label}>{label}</figcaption>
      <div className={css.box} tabIndex={0} role="region" aria-label={t('watch.bytes-of', { side: label })} translate="no">
        {lines.map((line, i) => (
          <div key={i} className={css.line}>
            <span className={css.at}>{(of.from + i * wide).toString(16).padStart(8, '0')}</span>
            <span>{line.map((byte, k) => <span key={k} className={css.byte} data-differs={differs(i * wide + k)}>{byte}</span>)}</span>
            <span className={css.text}>{line.map((byte, k) => <span key={k} data-differs={differs(i * wide + k)}>{letter(byte)}</span>)}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}
