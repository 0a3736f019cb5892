/** The explainer: a tree from an act down to the clause, green where it holds, red where it stops. */
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import css from './Explainer.module.css';
import { Hash } from './Hash.tsx';
import { useReader } from './reader.tsx';
import { useWords } from './words.tsx';

export interface ReasonNode {
  readonly code: string;
  readonly holds: boolean;
  readonly sentence: string;
  readonly clause?: {
    readonly agreementId: string; readonly agreementTitle: string; readonly clause: string; readonly textSha256: string;
  } | undefined;
  readonly children: readonly ReasonNode[];
}

interface ExplainerProps {
  readonly reason: ReasonNode;
  /** The words of a clause by the digest of its text, where the reader has the agreement. */
  readonly textOf?: (textSha256: string) => string | null;
  /** The reason in the reader's language with what it names; null where there are no words for it. */
  readonly tell?: (reason: ReasonNode) => string | null;
}

export function Explainer(props: ExplainerProps) {
  return <ul className={css.tree}><Node {...props} /></ul>;
}

function Node({ reason, textOf, tell }: ExplainerProps) {
  const { t, has, tongue } = useWords();
  const { agreementTitle } = useReader();
  /** The hub's sentence with the names that people use in place of those of the machine. */
  const said = tongue !== 'en' ? reason.sentence : reason.sentence
    .replaceAll(/\b[a-z-]+\.[a-z-]+\b/g, (name) => (has(`right.${name}`) ? t(`right.${name}`) : name))
    .replaceAll(/(?<=\bpurpose )[a-z-]+/g, (name) => (has(`purpose.${name}`) ? t(`purpose.${name}`) : name));
  const translated = tongue === 'en' ? null : tell?.(reason) ?? (has(`reason.${reason.code}`) ? t(`reason.${reason.code}`) : null);
  const Icon = reason.holds ? IconCircleCheck : IconCircleX;
  const text = reason.clause ? textOf?.(reason.clause.textSha256) : null;
  return (
    <li className={css.node} data-holds={reason.holds}>
      <div className={css.row}>
        <Icon size={18} className={css.icon} aria-label={reason.holds ? t('ui.holds') : t('ui.stops')} role="img" />
        <div className={css.words}>
          {translated === null ? <p lang="en">{said}</p> : <p>{translated}</p>}
          {reason.clause ? (
            <p className="e-small e-quiet">
              {t('ui.clause', { clause: reason.clause.clause })}, {agreementTitle(reason.clause)}{' '}
              <Hash value={reason.clause.textSha256} />
            </p>
          ) : null}
          {text ? <blockquote className={css.text}>{text}</blockquote> : null}
        </div>
      </div>
      {reason.children.length > 0 ? (
        <ul className={css.tree}>
          {reason.children.map((child, i) => (
            <Node key={`${child.code} ${i}`} reason={child} {...(textOf ? { textOf } : {})} {...(tell ? { tell } : {})} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}
