/** What the web knows of a page before it is opened. */
import type { Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';

export interface PageEntry {
  readonly path: string;
  /** Dictionary key of its name in navigation and palette; without one it is reached from another page only. */
  readonly name?: string;
  readonly group: 'landscape' | 'exchange' | 'constituents' | 'agreements' | 'ledger' | 'parties';
  readonly icon?: Icon;
  /** Right by the role matrix; `open` pages need none and no signing in. */
  readonly needs?: string;
  readonly open?: boolean;
  /** Whom it is for: who takes feeds in, or who is looked after. Rights alone do not tell; both unless said. */
  readonly for?: 'centre' | 'constituent';
  /** Only for organisations of this kind. */
  readonly kind?: string;
  /** Listed in the palette as something one does. */
  readonly act?: boolean;
  /** Without the frame of navigation: signing in. */
  readonly plain?: boolean;
  readonly load: () => Promise<ComponentType>;
}
