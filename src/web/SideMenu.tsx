/** Navigation on a narrow screen, slid in from the side. Loaded when it is first opened. */
import { Drawer } from '@mantine/core';
import { useWords } from '#ui/words';
import { Navigation } from './Navigation.tsx';

export function SideMenu({ onClose }: { readonly onClose: () => void }) {
  const { t } = useWords();
  return (
    <Drawer opened onClose={onClose} size={280} title="Entente" closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Navigation />
    </Drawer>
  );
}
