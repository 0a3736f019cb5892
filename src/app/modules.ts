/** The modules in order: each may know only those before it. A new module is one line here. */

export const order = [
  'ledger', 'parties', 'agreements', 'catalogue', 'builds', 'watch', 'centre', 'exchange', 'peers', 'alerts', 'vulnerabilities', 'constituents',
    'landscape',
  'channel', 'disclosure', 'cases', 'training', 'portal', 'oversight',
] as const;
