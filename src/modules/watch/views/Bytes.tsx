/** Bytes of one side of an alarm, beside those of the other: what is not the same there is marked. */
import { HexBytes } from '#ui/HexBytes';
import { useWords } from '#ui/words';
import { fromHex } from '#kit/encoding';
import type { Excerpt } from '../model.ts';
import type { z } from 'zod';
import css from './Bytes.module.css';

type Shown = z.infer<typeof Excerpt>;
const bytesOf = (shown: Shown): Uint8Array => fromHex(shown.hex) ?? new Uint8Array();

export function Bytes({ of, beside, label }: { readonly of: Shown; readonly beside: Shown | undefined; readonly label: string }) {
  const { t } = useWords();
  const own = bytesOf(of);
  const other = beside ? bytesOf(beside) : null;
  return (
    <figure className={css.figure}>
      <figcaption className={css.label}>{label}</figcaption>
      <HexBytes label={t('watch.bytes-of', { side: label })} from={of.from} bytes={own}
        differs={(place) => other !== null && other[place - of.from] !== own[place - of.from]} />
    </figure>
  );
}
