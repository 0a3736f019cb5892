/** Where a second person has to agree first: asks them, in place, with the reader's reason. They see exactly what was sent. */
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTransport } from './asking.tsx';
import { sentenceOf } from './sentence.tsx';
import { Link } from './url.tsx';
import { useWords } from './words.tsx';

interface AskApprovalProps {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export function AskApproval({ operation, input }: AskApprovalProps) {
  const words = useWords();
  const { t } = words;
  const { requestApproval } = useTransport();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const asking = useMutation<string, Error>({
    mutationFn: () => requestApproval(operation, input, reason.trim()),
    // Nothing else has changed; a question that was refused and is asked again would take this away from under the reader.
    onSuccess: () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/approvals') }),
  });
  if (asking.data) {
    return <p role="status">{t('ui.approval.asked')} <Link to={`/approvals/${asking.data}`}>{t('ui.approval.open')}</Link></p>;
  }
  // Not a form of its own: it may stand inside the form whose act was refused.
  return (
    <div style={{ display: 'grid', gap: 8, maxWidth: 460, justifyItems: 'start' }}>
      <TextInput
        label={t('ui.approval.reason')} description={t('ui.approval.reason-how')} value={reason} style={{ width: '100%' }}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      <Button
        size="xs" type="button" loading={asking.isPending} disabled={reason.trim().length < 3} onClick={() => asking.mutate()}
      >
        {t('ui.approval.ask')}
      </Button>
      {asking.error ? <p role="alert">{sentenceOf(words, asking.error)}</p> : null}
    </div>
  );
}
