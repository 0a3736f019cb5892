/** The life of a finding and the reading of bounces, for any order of events and any text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from './model/notices.ts';
import { readBounce } from './rules/bounce.ts';
import { absent, acknowledge, dispute, except, exceptionOver, sayFixed, seen } from './rules/findings.ts';
import { dueAt, ruleFor, rungDue } from './rules/notices.ts';

const hour = 3_600_000;
const born = Date.parse('2026-06-01T00:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const fresh: Finding = {
  id: 'f', notice: 'n', constituent: 'c', asset: '192.0.2.1', kind: 'infection', type: 'botnet', family: 'x', severity: 'high', confidence: null,
  first: iso(born), last: iso(born), events: 1, state: 'open', saidFixedAt: null, absentCycles: 0, exceptedUntil: null, exceptionReason: null,
  closedAt: null, reopened: 0, reopenedAt: null,
};
const step = fc.oneof(
  fc.record({ do: fc.constant('seen' as const), ago: fc.integer({ min: 0, max: 100 }) }), fc.record({ do: fc.constant('absent' as const) }),
  fc.record({ do: fc.constant('fixed' as const) }), fc.record({ do: fc.constant('except' as const), days: fc.integer({ min: 1, max: 180 }) }),
  fc.record({ do: fc.constant('ack' as const) }), fc.record({ do: fc.constant('clock' as const) }), fc.record({ do: fc.constant('dispute' as const) }),
);

test('nothing closes a finding but three cycles without it; whatever is seen after a word or a closing reopens it', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let f = fresh;
    let now = born;
    let cycles = 0;
    for (const s of steps) {
      now += hour;
      const before = f;
      try {
        if (s.do === 'seen') {
          const at = now - s.ago * hour;
          f = seen(f, { first: at, last: at, events: 1 }, iso(now)).finding;
          const newer = at > Date.parse(before.last);
          if (newer) cycles = 0;
          const spoken = before.saidFixedAt !== null && before.state === 'said-fixed' && at > Date.parse(before.saidFixedAt);
          const closed = before.state === 'closed' && newer && at > Date.parse(before.saidFixedAt ?? '1970-01-01');
          expect(f.state).toBe(spoken || closed ? 'open' : before.state);
          expect(f.reopened).toBe(before.reopened + (spoken || closed ? 1 : 0));
          if (spoken) expect([f.saidFixedAt, f.reopenedAt]).toEqual([before.saidFixedAt, iso(at)]);
        } else if (s.do === 'absent') {
          f = absent(f, iso(now)).finding;
          cycles += 1;
        } else if (s.do === 'fixed') {
          f = sayFixed(f, 'p', iso(now), null).finding;
          cycles = 0;
        } else if (s.do === 'except') f = except(f, 'p', iso(now), iso(now + s.days * 24 * hour), 'reason').finding;
        else if (s.do === 'dispute') f = dispute(f, 'p', iso(now), 'reason').finding;
        else if (s.do === 'ack') f = acknowledge(f, 'p', iso(now)).finding;
        else f = exceptionOver(f, iso(now)).finding;
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^finding\./);
      }
      if (before.state !== 'closed' && f.state === 'closed') expect(s.do === 'absent' && cycles >= 3).toBe(true);
      expect(Date.parse(f.last)).toBeGreaterThanOrEqual(Date.parse(before.last));
      expect(f.events).toBeGreaterThanOrEqual(before.events);
    }
  }), { numRuns: 500 });
});

test('a bounce is read whatever it is, in bounded time, and names only what looks like an address', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('Final-Recipient: rfc822; <it@gov.example>', 'Action: failed', 'Status: 5.1.1', '',
    'Message-ID: <one@hub.example>', 'Diagnostic-Code: smtp; 550 no such', ' folded', 'Status: 4.2.2'));
  fc.assert(fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
    const { recipients, messageId } = readBounce(lines.join('\r\n'));
    for (const r of recipients) expect(r.address).toMatch(/^[^<>\s;]+@[^<>\s;]+$/);
    if (messageId !== null) expect(messageId).not.toMatch(/[<>\s]/);
  }), { numRuns: 500 });
  expect(readBounce(`${'Final-Recipient: rfc822; a@b.example\n\n'.repeat(5000)}`).recipients.length).toBe(50);
  expect(readBounce([
    'Message-ID: <report@mx.example>', '', 'Final-Recipient: rfc822; it@gov.example', 'Action: failed', 'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1', '  user unknown', '', 'Message-ID: <ours@hub.example>',
  ].join('\n'))).toEqual({
    messageId: 'ours@hub.example',
    recipients: [{ address: 'it@gov.example', final: true, status: '5.1.1', reason: 'smtp; 550 5.1.1 user unknown' }],
  });
});

test('critical is never put away and never waits; the rest never leaves before its hour', () => {
  const calendar = { zone: 'Asia/Ho_Chi_Minh', opens: 480, closes: 1020, digestAt: 510, decided: [] };
  const rule = (act: 'suppress' | 're-route') => ({ constituent: 'c', kind: null, family: null, act, until: '2099-01-01T00:00:00Z', endedAt: null });
  for (const severity of ['critical', 'high', 'medium', 'low', 'info', 'unknown'] as const) {
    const found = ruleFor({ constituent: 'c', kind: 'infection', family: 'x', severity }, [rule('suppress')], born);
    expect(found === null).toBe(severity === 'critical');
    expect(ruleFor({ constituent: 'c', kind: 'infection', family: 'x', severity }, [rule('suppress'), rule('re-route')], born)?.act).toBe('re-route');
    expect(dueAt(severity, born, calendar) === born).toBe(severity === 'critical');
  }
  expect([6, 7, 13, 14, 29, 30].map((days) => rungDue(iso(born), 0, born + days * 24 * hour)?.rung ?? 0)).toEqual([0, 1, 1, 1, 1, 1]);
  const later = (rung: number, days: number) => rungDue(iso(born), rung, born + days * 24 * hour)?.rung ?? null;
  expect([later(1, 14), later(2, 30), later(3, 900)]).toEqual([2, 3, null]);
});
