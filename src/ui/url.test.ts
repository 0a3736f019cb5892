import { expect, test } from 'vitest';
import { elsewhere } from '../../test/access/elsewhere.ts';
import { ownAddress } from './url.tsx';

test.each([
  ['/facts?index=1', '/facts?index=1'], ['/', '/'], [undefined, '/'], ['', '/'], ['//evil.example', '/'], ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'], ['https://evil.example', '/'], ['javascript:alert(1)', '/'], ['\\\\evil', '/'], ['evil', '/'],
  ['/a\\b', '/'], ['/a\nb', '/'], [' /a', '/'],
])('after signing in, %j leads to %j', (given, led) => expect(ownAddress(given)).toBe(led));

const origin = 'https://hub.example';
test.each(elsewhere.map((to) => [to]))('in the browser nobody is sent to %j after signing in', (to) => {
  const led = ownAddress(to);
  // As a browser reads it, and as it would read what it then shows as the path.
  const read = new URL(led, origin);
  expect([read.origin, new URL(read.pathname, origin).origin]).toEqual([origin, origin]);
  // One of them is a path of our own, oddly spelt, and there is no page there; all others lead home.
  expect(led).toBe(to === '/%09/evil.example' ? to : '/');
});
test.each([
  '/', '/facts?index=1', '/agreements/agr_kestrel#sign', '/events?next=//evil.example', '/a%2fb', '/vi/tổ-chức',
])('an own address %j stays', (to) => {
  expect(ownAddress(to)).toBe(to);
});
