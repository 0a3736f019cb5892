/**
 * Every page of the web, by module in the order of the modules. Navigation is this list filtered by the reader's
 * rights; each page is loaded when it is first opened.
 */
import {
  IconAffiliate, IconArrowsExchange, IconBan, IconBuildingBank, IconChecks, IconClipboardCheck, IconEyeCheck, IconFileCertificate,
  IconFiles, IconHammer, IconHeartbeat, IconHierarchy2, IconKey, IconMailForward, IconMailbox, IconPackages,
  IconRosetteDiscountCheck, IconShieldExclamation, IconShieldLock, IconUserCircle, IconUsers,
} from '@tabler/icons-react';
import type { PageEntry } from './routes/entry.ts';
import { builds } from './routes/builds.ts';
import { centre } from './routes/centre.ts';
import { exchange } from './routes/exchange.ts';
import { landscape } from './routes/landscape.ts';
import { watch } from './routes/watch.ts';

const parties: readonly PageEntry[] = [
  {
    path: '/sign-in', group: 'parties', open: true, plain: true,
    load: async () => (await import('../modules/parties/views/SignIn.tsx')).SignIn,
  },
  {
    path: '/sign-in/provider', group: 'parties', open: true, plain: true,
    load: async () => (await import('../modules/parties/views/Provider.tsx')).Provider,
  },
  {
    path: '/continue', group: 'parties', open: true, plain: true,
    load: async () => (await import('../modules/parties/views/Continue.tsx')).Continue,
  },
  {
    path: '/accept', group: 'parties', open: true, plain: true,
    load: async () => (await import('../modules/parties/views/Accept.tsx')).Accept,
  },
  {
    path: '/people', name: 'nav.people', group: 'parties', icon: IconUsers, needs: 'person.list',
    load: async () => (await import('../modules/parties/views/People.tsx')).People,
  },
  {
    path: '/protection', name: 'nav.protection', group: 'parties', icon: IconShieldLock, needs: 'protection.view',
    load: async () => (await import('../modules/parties/views/Protection.tsx')).Protection,
  },
  {
    path: '/people/invite', name: 'nav.invite', group: 'parties', act: true, needs: 'invitation.create',
    load: async () => (await import('../modules/parties/views/Invite.tsx')).Invite,
  },
  {
    path: '/approvals', name: 'nav.approvals', group: 'parties', icon: IconChecks, needs: 'approval.list',
    load: async () => (await import('../modules/parties/views/Approvals.tsx')).Approvals,
  },
  {
    path: '/approvals/$approval', group: 'parties', needs: 'approval.list',
    load: async () => (await import('../modules/parties/views/Approval.tsx')).Approval,
  },
  {
    path: '/organisations', name: 'nav.organisations', group: 'parties', icon: IconBuildingBank, needs: 'organisation.list',
    load: async () => (await import('../modules/parties/views/Organisations.tsx')).Organisations,
  },
  {
    path: '/break-glass', name: 'nav.break-glass', group: 'parties', icon: IconHammer, needs: 'break-glass.list',
    load: async () => (await import('../modules/parties/views/BreakGlass.tsx')).BreakGlass,
  },
  {
    path: '/tokens', name: 'nav.tokens', group: 'parties', icon: IconKey,
    load: async () => (await import('../modules/parties/views/Tokens.tsx')).Tokens,
  },
  {
    path: '/account', name: 'nav.account', group: 'parties', icon: IconUserCircle,
    load: async () => (await import('../modules/parties/views/Account.tsx')).Account,
  },
];

const vulnerabilities: readonly PageEntry[] = [
  {
    path: '/vulnerabilities', name: 'nav.vulnerabilities', group: 'exchange', icon: IconShieldExclamation, needs: 'threat.read',
    load: async () => (await import('../modules/vulnerabilities/views/Vulnerabilities.tsx')).Vulnerabilities,
  },
  {
    path: '/vulnerabilities/import', name: 'nav.vulnerability-import', group: 'exchange', act: true, needs: 'vulnerability.import',
    load: async () => (await import('../modules/vulnerabilities/views/ImportVulnerabilities.tsx')).ImportVulnerabilities,
  },
  {
    path: '/vulnerabilities/$vulnerability', group: 'exchange', needs: 'threat.read',
    load: async () => (await import('../modules/vulnerabilities/views/Vulnerability.tsx')).Vulnerability,
  },
  {
    path: '/check-products', name: 'nav.check-products', group: 'exchange', act: true, needs: 'threat.read',
    load: async () => (await import('../modules/vulnerabilities/views/CheckProducts.tsx')).CheckProducts,
  },
];

const catalogue: readonly PageEntry[] = [
  {
    path: '/products', name: 'nav.products', group: 'agreements', icon: IconPackages, needs: 'product.view',
    load: async () => (await import('../modules/catalogue/views/Products.tsx')).Products,
  },
  {
    path: '/my/documents', name: 'nav.my-documents', group: 'agreements', icon: IconFiles, needs: 'document.view',
    load: async () => (await import('../modules/catalogue/views/MyDocuments.tsx')).MyDocuments,
  },
  {
    path: '/products/add', name: 'nav.product-add', group: 'agreements', act: true, needs: 'product.create',
    load: async () => (await import('../modules/catalogue/views/AddProduct.tsx')).AddProduct,
  },
  {
    path: '/products/$product', group: 'agreements', needs: 'product.view',
    load: async () => (await import('../modules/catalogue/views/Product.tsx')).Product,
  },
  {
    path: '/releases/$release', group: 'agreements', needs: 'product.view',
    load: async () => (await import('../modules/catalogue/views/Release.tsx')).Release,
  },
  {
    path: '/releases/$release/changes', group: 'agreements', needs: 'product.view',
    load: async () => (await import('../modules/catalogue/views/Changes.tsx')).Changes,
  },
  {
    path: '/artefacts/$artefact', group: 'agreements', needs: 'product.view',
    load: async () => (await import('../modules/catalogue/views/Artefact.tsx')).Artefact,
  },
];

const constituents: readonly PageEntry[] = [
  {
    path: '/notices', name: 'nav.notices', group: 'constituents', icon: IconMailForward, needs: 'notice.list', for: 'centre',
    load: async () => (await import('../modules/constituents/views/Notices.tsx')).Notices,
  },
  {
    path: '/notices/$notice', group: 'constituents', needs: 'notice.list',
    load: async () => (await import('../modules/constituents/views/NoticeView.tsx')).NoticeView,
  },
  {
    path: '/my-notices', name: 'nav.my-notices', group: 'constituents', icon: IconMailForward, needs: 'notice.receive', for: 'constituent',
    load: async () => (await import('../modules/constituents/views/MyNotices.tsx')).MyNotices,
  },
  {
    path: '/my-notices/$notice', group: 'constituents', needs: 'notice.receive',
    load: async () => (await import('../modules/constituents/views/NoticeView.tsx')).MyNotice,
  },
  {
    path: '/notice', group: 'constituents', open: true, plain: true,
    load: async () => (await import('../modules/constituents/views/Letter.tsx')).Letter,
  },
  {
    path: '/connections', name: 'nav.connections', group: 'constituents', icon: IconHeartbeat, needs: 'connection.list', for: 'centre',
    load: async () => (await import('../modules/constituents/views/Connections.tsx')).Connections,
  },
  {
    path: '/blocking-lists', name: 'nav.blocking', group: 'constituents', icon: IconBan, needs: 'blocklist.list', for: 'centre',
    load: async () => (await import('../modules/constituents/views/Blocking.tsx')).Blocking,
  },
  {
    path: '/blocking-lists/$list', group: 'constituents', needs: 'blocklist.list',
    load: async () => (await import('../modules/constituents/views/BlockingList.tsx')).BlockingList,
  },
  {
    path: '/blocking-lists/$list/add', group: 'constituents', needs: 'blocklist.change',
    load: async () => (await import('../modules/constituents/views/AddEntries.tsx')).AddEntries,
  },
  {
    path: '/my-blocking-lists', name: 'nav.my-blocking', group: 'constituents', icon: IconBan, needs: 'blocklist.pull', for: 'constituent',
    load: async () => (await import('../modules/constituents/views/MyBlocking.tsx')).MyBlocking,
  },
  {
    path: '/constituents', name: 'nav.constituents', group: 'constituents', icon: IconAffiliate, needs: 'constituent.list', for: 'centre',
    load: async () => (await import('../modules/constituents/views/List.tsx')).List,
  },
  {
    path: '/constituents/import', name: 'nav.import', group: 'constituents', act: true, needs: 'constituent.import',
    load: async () => (await import('../modules/constituents/views/Import.tsx')).Import,
  },
  {
    path: '/constituents/$constituent', group: 'constituents', needs: 'constituent.view',
    load: async () => (await import('../modules/constituents/views/View.tsx')).View,
  },
];

const agreements: readonly PageEntry[] = [
  {
    path: '/agreements', name: 'nav.agreements', group: 'agreements', icon: IconFileCertificate, needs: 'agreement.list',
    load: async () => (await import('../modules/agreements/views/List.tsx')).List,
  },
  {
    path: '/agreements/draft', name: 'nav.draft', group: 'agreements', act: true, needs: 'agreement.draft',
    load: async () => (await import('../modules/agreements/views/Draft.tsx')).Draft,
  },
  {
    path: '/agreements/$agreement', group: 'agreements', needs: 'agreement.view',
    load: async () => (await import('../modules/agreements/views/View.tsx')).View,
  },
  {
    path: '/agreements/$agreement/edit', group: 'agreements', needs: 'agreement.edit',
    load: async () => (await import('../modules/agreements/views/Edit.tsx')).Edit,
  },
  {
    path: '/agreements/$agreement/compare', group: 'agreements', needs: 'agreement.view',
    load: async () => (await import('../modules/agreements/views/Compare.tsx')).Compare,
  },
  {
    path: '/agreements/$agreement/usage', group: 'agreements', needs: 'agreement.view',
    load: async () => (await import('../modules/agreements/views/Usage.tsx')).Usage,
  },
  {
    path: '/agreements/$agreement/sponsor', group: 'agreements', needs: 'sponsorship.ask',
    load: async () => (await import('../modules/agreements/views/Sponsor.tsx')).Sponsor,
  },
  {
    path: '/eligibility', name: 'nav.eligibility', group: 'agreements', icon: IconClipboardCheck, open: true,
    load: async () => (await import('../modules/agreements/views/Eligibility.tsx')).Eligibility,
  },
  {
    path: '/sponsorships', name: 'nav.sponsorships', group: 'agreements', icon: IconHierarchy2, needs: 'sponsorship.list', for: 'centre',
    load: async () => (await import('../modules/agreements/views/Sponsorships.tsx')).Sponsorships,
  },
  {
    path: '/successions', name: 'nav.successions', group: 'agreements', icon: IconArrowsExchange, needs: 'succession.list',
    load: async () => (await import('../modules/agreements/views/Successions.tsx')).Successions,
  },
  {
    path: '/arrangement-notices', name: 'nav.arrangements', group: 'agreements', icon: IconMailbox, needs: 'arrangement-notice.list',
    load: async () => (await import('../modules/agreements/views/Arrangements.tsx')).Arrangements,
  },
  {
    path: '/held-copies', name: 'nav.held-copies', group: 'agreements', icon: IconFiles, needs: 'held-copy.list',
    load: async () => (await import('../modules/agreements/views/HeldCopies.tsx')).HeldCopies,
  },
  {
    path: '/agreements/$agreement/rights', group: 'agreements', needs: 'agreement.view',
    load: async () => (await import('../modules/agreements/views/Matrix.tsx')).Matrix,
  },
];

const ledger: readonly PageEntry[] = [
  {
    path: '/facts', name: 'nav.ledger', group: 'ledger', icon: IconRosetteDiscountCheck, open: true,
    load: async () => (await import('../modules/ledger/views/Explore.tsx')).Explore,
  },
  {
    path: '/witnesses', name: 'nav.witnesses', group: 'ledger', icon: IconEyeCheck, open: true,
    load: async () => (await import('../modules/ledger/views/Witnesses.tsx')).Witnesses,
  },
  {
    path: '/facts/$index', group: 'ledger', needs: 'fact.view',
    load: async () => (await import('../modules/ledger/views/Fact.tsx')).Fact,
  },
];

export const pages: readonly PageEntry[] = [
  ...landscape, ...exchange, ...vulnerabilities, ...constituents, ...catalogue, ...builds, ...watch, ...centre, ...agreements, ...ledger, ...parties,
];
