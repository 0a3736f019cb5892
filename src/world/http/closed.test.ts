import { expect, test } from 'vitest';
import { closedOutbound } from './closed.ts';

test('nothing is asked of anybody, whatever the address', async () => {
  const { ask, open, locate } = closedOutbound();
  for (const asked of [ask({ url: 'https://example.org/' }), open({ url: 'http://127.0.0.1/' }), locate('mail.example.org', 993)]) {
    await expect(asked).rejects.toMatchObject({ name: 'OutboundError', reason: 'blocked', message: expect.stringContaining('ENTENTE_OUTBOUND') as string });
  }
});
