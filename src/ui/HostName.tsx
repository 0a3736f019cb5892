/** A host, an address or a prefix: it breaks behind its dots and colons alone, so that narrow columns cut no label apart. */
import { Fragment } from 'react';

export function HostName({ name }: { readonly name: string }) {
  const parts = name.split(/(?<=[.:/])/);
  return <code>{parts.map((part, i) => <Fragment key={parts.slice(0, i + 1).join('')}>{part}<wbr /></Fragment>)}</code>;
}
