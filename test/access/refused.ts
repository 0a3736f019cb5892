/** The stable code of a refusal: in the body as RFC 9457 has it, or beside it where a protocol has an error shape of its own. */
import type { Answer } from '../hub.ts';

export const refusedWith = (answer: Answer): string | undefined => answer.headers.get('entente-refusal')
  ?? (answer.headers.get('content-type')?.includes('problem') ? answer.json<{ code: string }>().code : undefined);
