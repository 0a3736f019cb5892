/** The place of a map: as wide as it may be, and a block of its height until the outlines are there. */
import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useBytes } from './asking.tsx';
import css from './EarthFrame.module.css';
import { Block } from './Page.tsx';

export function EarthFrame({ children }: { readonly children: (bytes: Uint8Array, width: number) => ReactNode }) {
  const map = useBytes('/map.json');
  const { ref, width } = useElementSize();
  return <div ref={ref} className={css.frame}>{map.data && width > 0 ? children(map.data, Math.round(width)) : <Block height={320} />}</div>;
}
