/** The keys of the reading room, and the map of them that `?` shows. A key that is typed into a field is the field's. */
import { Kbd, Modal } from '@mantine/core';
import { useEffect } from 'react';
import { useWords } from '#ui/words';

type Keys = Readonly<Record<string, (() => void) | null | undefined>>;

/** Taken before the shell's own keys, so that a key of the room means one thing in it. */
export function useRoomKeys(keys: Keys): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return;
      // Over a dialogue the room is not there.
      if (document.querySelector('[role="dialog"]')) return;
      const does = keys[event.key];
      if (!does) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      does();
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  });
}

const shown = [
  ['t', 'room.key.open'], ['/', 'room.key.search'], [']  [', 'room.key.hits'], ['n  b', 'room.key.windows'], ['c  C', 'room.key.changes'],
  ['d', 'room.key.definition'], ['r', 'room.key.references'], ['s', 'room.key.find'], ['m', 'room.key.note'], ['j  k', 'room.key.lines'],
  ['e', 'room.key.tree'], ['?', 'room.key.map'],
] as const;

export function KeyMap({ onClose }: { readonly onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal opened onClose={onClose} title={t('room.keys')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <table style={{ width: '100%' }}>
        <tbody>
          {shown.map(([keys, word]) => (
            <tr key={keys}>
              <td style={{ width: 110, padding: '5px 0' }}>{keys.split('  ').map((k) => <Kbd key={k} mr={4}>{k}</Kbd>)}</td>
              <td>{t(word)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
