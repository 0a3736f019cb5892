/** The keys, shown by `?`. */
import { Kbd, Modal } from '@mantine/core';
import { useWords } from '#ui/words';

const keys = [
  ['Ctrl K', 'keys.palette'], ['j', 'keys.down'], ['k', 'keys.up'], ['Enter', 'keys.open'], ['Esc', 'keys.close'],
  ['?', 'keys.help'],
] as const;

export function Keys({ onClose }: { readonly onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal opened onClose={onClose} title={t('keys.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <table style={{ width: '100%' }}>
        <tbody>
          {keys.map(([key, word]) => (
            <tr key={key}>
              <td style={{ width: 110, padding: '5px 0' }}><Kbd>{key}</Kbd></td>
              <td>{t(word)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
