/** A no in SCIM's shape (RFC 7644, 3.12); `status` is a string there. */

export const scimType = 'application/scim+json';
export const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

export function scimProblem(status: number, kind: string | null, detail: string): Response {
  const body = { schemas: [errorSchema], status: String(status), ...(kind === null ? {} : { scimType: kind }), detail };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': scimType, 'cache-control': 'no-store' } });
}
