import { expect, test } from 'vitest';
import { ownAddress } from './url.tsx';

test.each([
  ['/facts?index=1', '/facts?index=1'], ['/', '/'], [undefined, '/'], ['', '/'], ['//evil.example', '/'], ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'], ['https://evil.example', '/'], ['javascript:alert(1)', '/'], ['\\\\evil', '/'], ['evil', '/'],
  ['/a\\b', '/'], ['/a\nb', '/'], [' /a', '/'],
])('after signing in, %j leads to %j', (given, led) => expect(ownAddress(given)).toBe(led));
