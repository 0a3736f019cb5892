/** What every page stands on: fonts, tokens, Mantine's theme, notifications. Knows nothing of what the pages say. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './fonts.css';
import './tokens.css';
import { theme } from './theme.ts';

export function Ground({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" autoClose={5000} />
      {children}
    </MantineProvider>
  );
}
