/** Machine text: a command, a checkpoint, an excerpt. Copied whole. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment } from 'react';
import css from './Code.module.css';
import { useWords } from './words.tsx';

export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useWords();
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={css.box}>
      <pre className={css.pre} tabIndex={0} aria-label={label} translate="no"><Breakable text={text} /></pre>
      <Tooltip label={clipboard.copied ? t('ui.copied') : t('ui.copy')}>
        <ActionIcon
          variant="subtle" color="gray" className={css.copy} aria-label={`${t('ui.copy')}: ${label}`}
          onClick={() => clipboard.copy(text)}
        >
          {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

/** Text that a line may end in after a mark, so that names and numbers stay whole; what is copied has no more in it. */
export function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=[,:;/{[])/).map((piece, i) => <Fragment key={i}>{i > 0 ? <wbr /> : null}{piece}</Fragment>);
}
