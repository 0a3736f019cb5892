/**
 * Turns what an action returned or threw into an answer. Refusals become problem details (RFC 9457); a fault becomes
 * 500 with nothing but a trace id, and its text goes to the log only.
 */
import { Refusal, problemOf, type Problem } from '#kit/refusal';
import type { Trace } from '#world/trace';

const problemType = 'application/problem+json';

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

export function problemResponse(problem: Problem): Response {
  const headers: Record<string, string> = { 'content-type': problemType, 'cache-control': 'no-store' };
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer';
  if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** The answer to an error: the caller's doing in full, our own fault by trace id only. */
export function errorResponse(error: unknown, traceId: string, trace: Trace, operation: string): Response {
  if (error instanceof Refusal) return problemResponse(problemOf(error));
  trace.error('request.fault', error, { traceId, operation });
  const body = {
    type: 'https://entente.example/problems/fault', status: 500, code: 'fault', traceId,
    title: 'Something broke on our side.', hint: 'Try again; if it stays, tell the operator this trace id.',
  };
  return new Response(JSON.stringify(body), {
    status: 500, headers: { 'content-type': problemType, 'cache-control': 'no-store' },
  });
}
