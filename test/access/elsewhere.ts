/** SEC-10: more than thirty ways to spell somewhere else, for the server's addresses and the browser's. */
export const elsewhere = [
  'https://evil.example', 'http://evil.example/', '//evil.example', '///evil.example', '////evil.example', '/\\evil.example', '\\\\evil.example',
  '/\\/evil.example', '\\/evil.example', '/\t/evil.example', '/\n/evil.example', '/\r/evil.example', '\t//evil.example', ' //evil.example',
  '/%09/evil.example', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'mailto:a@evil.example',
  'https:evil.example', 'https:/evil.example', 'http:\\\\evil.example', 'evil.example', '.evil.example', '@evil.example', 'localhost:8080@evil.example',
  '/\u0000/evil.example', '/\u2028/evil.example', '//localhost:8080@evil.example', '/.//evil.example\\@x', 'ftp://evil.example', '/\u00a0/evil.example',
  '/.//evil.example', '/a/..//evil.example', '/%2e//evil.example', '/./%2e%2e//evil.example', '/\u0085/evil.example',
];
