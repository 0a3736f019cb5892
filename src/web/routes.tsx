/**
 * Every page of the web, by module in the order of the modules. Navigation is this list filtered by the reader's
 * rights; each page is loaded when it is first opened.
 */
import {
  IconActivity, IconAffiliate, IconArrowBackUp, IconArrowForwardUp, IconUsersGroup, IconSpeakerphone, IconTrashX,
  IconAlertTriangle, IconArrowsExchange, IconBan, IconBellRinging,
  IconBug, IconBuildingBank, IconBuildingCommunity, IconChartLine, IconChecks,
  IconClipboardCheck,
  IconDatabaseImport, IconEyeCheck, IconFileCertificate, IconHammer, IconHeartbeat, IconHierarchy2, IconHome, IconKey,
  IconFiles, IconListSearch, IconMailbox, IconMailForward, IconRadar2, IconReportAnalytics, IconRosetteDiscountCheck, IconRss, IconShieldLock,
  IconTargetArrow, IconUserCircle, IconPackage, IconServer2, IconShare3, IconShieldExclamation, IconSpider,
  IconUsers, IconFileSearch, IconWorldExclamation, IconTrophy, IconWorldLongitude, type Icon,
  IconPackageExport, IconPackages,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

export interface PageEntry {
  readonly path: string;
  /** Dictionary key of its name in navigation and palette; without one it is reached from another page only. */
  readonly name?: string;
  readonly group: 'landscape' | 'exchange' | 'constituents' | 'agreements' | 'ledger' | 'parties';
  readonly icon?: Icon;
  /** Right by the role matrix; `open` pages need none and no signing in. */
  readonly needs?: string;
  readonly open?: boolean;
  /** Whom it is for: who takes feeds in, or who is looked after. Rights alone do not tell; both unless said. */
  readonly for?: 'centre' | 'constituent';
  /** Only for organisations of this kind. */
  readonly kind?: string;
  /** Listed in the palette as something one does. */
  readonly act?: boolean;
  /** Without the frame of navigation: signing in. */
  readonly plain?: boolean;
  readonly load: () => Promise<ComponentType>;
}

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

const landscape: readonly PageEntry[] = [
  {
    path: '/', name: 'nav.home', group: 'landscape', icon: IconHome,
    open: true, load: async () => (await import('./Home.tsx')).Home,
  },
  {
    path: '/overview', name: 'nav.overview', group: 'landscape', icon: IconChartLine, open: true,
    load: async () => (await import('../modules/landscape/views/Overview.tsx')).Overview,
  },
  {
    path: '/attack-origins', name: 'nav.origins', group: 'landscape', icon: IconWorldLongitude, open: true,
    load: async () => (await import('../modules/landscape/views/Origins.tsx')).Origins,
  },
  {
    path: '/exposure', name: 'nav.exposure', group: 'landscape', icon: IconRadar2, needs: 'exposure.view', for: 'constituent',
    load: async () => (await import('../modules/landscape/views/Exposure.tsx')).Exposure,
  },
  {
    path: '/exposure-advisories', name: 'nav.advisories', group: 'landscape', icon: IconAlertTriangle, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/ExposureAdvisories.tsx')).ExposureAdvisories,
  },
  {
    path: '/exposure-advisories/publish', name: 'nav.advisory-publish', group: 'landscape', act: true, needs: 'exposure-advisory.publish',
    load: async () => (await import('../modules/landscape/views/PublishAdvisory.tsx')).PublishAdvisory,
  },
  {
    path: '/exposure-advisories/$advisory', group: 'landscape', needs: 'event.list',
    load: async () => (await import('../modules/landscape/views/ExposureAdvisory.tsx')).ExposureAdvisory,
  },
  {
    path: '/scans', name: 'nav.scans', group: 'landscape', icon: IconTargetArrow, needs: 'scan.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Scans.tsx')).Scans,
  },
  {
    path: '/scans/request', name: 'nav.scan-request', group: 'landscape', act: true, needs: 'scan.run',
    load: async () => (await import('../modules/landscape/views/RequestScan.tsx')).RequestScan,
  },
  {
    path: '/scans/$job', group: 'landscape', needs: 'scan.list',
    load: async () => (await import('../modules/landscape/views/Scans.tsx')).Scan,
  },
  {
    path: '/source-scores', name: 'nav.source-scores', group: 'landscape', icon: IconReportAnalytics, needs: 'feed.view', for: 'centre',
    load: async () => (await import('../modules/landscape/views/SourceScores.tsx')).SourceScores,
  },
  {
    path: '/my-source-score', name: 'nav.my-source-score', group: 'landscape', icon: IconReportAnalytics, needs: 'feed.deliver',
    load: async () => (await import('../modules/landscape/views/SourceScores.tsx')).MySourceScore,
  },
  {
    path: '/constituents/$constituent/exposure', group: 'landscape', needs: 'event.list',
    load: async () => (await import('../modules/landscape/views/ConstituentExposure.tsx')).ConstituentExposure,
  },
  {
    path: '/state-offices', name: 'nav.offices', group: 'landscape', icon: IconBuildingCommunity, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Offices.tsx')).Offices,
  },
  {
    path: '/botnet-clean-up', name: 'nav.clean-up', group: 'landscape', icon: IconBug, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/CleanUp.tsx')).CleanUp,
  },
  {
    path: '/isp-league', name: 'nav.league', group: 'landscape', icon: IconTrophy, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/League.tsx')).League,
  },
  {
    path: '/my-isp-league', name: 'nav.my-league', group: 'landscape', icon: IconTrophy, needs: 'exposure.view', for: 'constituent', kind: 'isp',
    load: async () => (await import('../modules/landscape/views/MyLeague.tsx')).MyLeague,
  },
  {
    path: '/website-attacks', name: 'nav.websites', group: 'landscape', icon: IconWorldExclamation, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Websites.tsx')).Websites,
  },
  {
    path: '/files', name: 'nav.files', group: 'landscape', icon: IconFileSearch, needs: 'file.look-up', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Files.tsx')).Files,
  },
  {
    path: '/events', name: 'nav.events', group: 'landscape', icon: IconListSearch, needs: 'event.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Events.tsx')).Events,
  },
  {
    path: '/feeds', name: 'nav.feeds', group: 'landscape', icon: IconRss, needs: 'feed.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Feeds.tsx')).Feeds,
  },
  {
    path: '/feeds/create', name: 'nav.feed-create', group: 'landscape', act: true, needs: 'feed.create',
    load: async () => (await import('../modules/landscape/views/CreateFeed.tsx')).CreateFeed,
  },
  {
    path: '/feed-health', name: 'nav.feed-health', group: 'landscape', icon: IconActivity, needs: 'feed.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/FeedsHealth.tsx')).FeedsHealth,
  },
  {
    path: '/feeds/$feed/sources/new', group: 'landscape', needs: 'feed-source.change',
    load: async () => (await import('../modules/landscape/views/SourceForm.tsx')).NewSource,
  },
  {
    path: '/feeds/$feed/sources/$source', group: 'landscape', needs: 'feed-source.view',
    load: async () => (await import('../modules/landscape/views/Source.tsx')).Source,
  },
  {
    path: '/feeds/$feed/sources/$source/change', group: 'landscape', needs: 'feed-source.change',
    load: async () => (await import('../modules/landscape/views/SourceForm.tsx')).ChangeSource,
  },
  {
    path: '/feeds/$feed/mapping', group: 'landscape', needs: 'mapping.list',
    load: async () => (await import('../modules/landscape/views/MappingEditor.tsx')).MappingEditor,
  },
  {
    path: '/report-schemas', name: 'nav.report-schemas', group: 'landscape', needs: 'mapping.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/ReportSchemas.tsx')).ReportSchemas,
  },
  {
    path: '/feeds/$feed', group: 'landscape', needs: 'feed.view',
    load: async () => (await import('../modules/landscape/views/Feed.tsx')).Feed,
  },
  {
    path: '/batches', name: 'nav.batches', group: 'landscape', icon: IconDatabaseImport, needs: 'batch.list', for: 'centre',
    load: async () => (await import('../modules/landscape/views/Batches.tsx')).Batches,
  },
  {
    path: '/batches/upload', name: 'nav.upload', group: 'landscape', act: true, needs: 'feed.ingest',
    load: async () => (await import('../modules/landscape/views/Ingest.tsx')).Ingest,
  },
  {
    path: '/batches/$batch', group: 'landscape', needs: 'batch.view',
    load: async () => (await import('../modules/landscape/views/Batch.tsx')).Batch,
  },
  {
    path: '/statistics/$series', group: 'landscape', open: true,
    load: async () => (await import('../modules/landscape/views/Statistic.tsx')).Statistic,
  },
  {
    path: '/about-the-data', name: 'nav.about', group: 'landscape', open: true,
    load: async () => (await import('../modules/landscape/views/About.tsx')).About,
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

const exchange: readonly PageEntry[] = [
  {
    path: '/threats', name: 'nav.threats', group: 'exchange', icon: IconSpider, needs: 'threat.read',
    load: async () => (await import('../modules/exchange/views/Threats.tsx')).Threats,
  },
  {
    path: '/threats/import', name: 'nav.threat-import', group: 'exchange', act: true, needs: 'threat.import',
    load: async () => (await import('../modules/exchange/views/ImportThreats.tsx')).ImportThreats,
  },
  {
    path: '/threats/$object', group: 'exchange', needs: 'threat.read',
    load: async () => (await import('../modules/exchange/views/Threat.tsx')).Threat,
  },
  {
    path: '/collections', name: 'nav.collections', group: 'exchange', icon: IconShare3, needs: 'threat.read',
    load: async () => (await import('../modules/exchange/views/Collections.tsx')).Collections,
  },
  {
    path: '/collections/open', name: 'nav.collection-open', group: 'exchange', act: true, needs: 'collection.open',
    load: async () => (await import('../modules/exchange/views/OpenCollection.tsx')).OpenCollection,
  },
  {
    path: '/my/alerts', name: 'nav.my-alerts', group: 'exchange', icon: IconBellRinging, needs: 'threat.read',
    load: async () => (await import('../modules/alerts/views/MyAlerts.tsx')).MyAlerts,
  },
  {
    path: '/alerts', name: 'nav.alerts', group: 'exchange', icon: IconSpeakerphone, needs: 'alert.list',
    load: async () => (await import('../modules/alerts/views/Alerts.tsx')).Alerts,
  },
  {
    path: '/alerts/send', name: 'nav.alert-send', group: 'exchange', act: true, needs: 'alert.send',
    load: async () => (await import('../modules/alerts/views/SendAlert.tsx')).SendAlert,
  },
  {
    path: '/my/alert-line', name: 'nav.alert-line', group: 'exchange', needs: 'alert.set-line',
    load: async () => (await import('../modules/alerts/views/AlertLine.tsx')).AlertLine,
  },
  {
    path: '/communities', name: 'nav.communities', group: 'exchange', icon: IconUsersGroup, needs: 'collection.open',
    load: async () => (await import('../modules/exchange/views/Communities.tsx')).Communities,
  },
  {
    path: '/reshares', name: 'nav.reshares', group: 'exchange', icon: IconArrowForwardUp, needs: 'threat.list',
    load: async () => (await import('../modules/exchange/views/Reshares.tsx')).Reshares,
  },
  {
    path: '/threat-source-cards', name: 'nav.threat-cards', group: 'exchange', icon: IconReportAnalytics, needs: 'threat.list',
    load: async () => (await import('../modules/exchange/views/SourceCards.tsx')).SourceCards,
  },
  {
    path: '/my/threat-card', name: 'nav.my-threat-card', group: 'exchange', needs: 'threat.list',
    load: async () => (await import('../modules/exchange/views/SourceCards.tsx')).MyThreatCard,
  },
  {
    path: '/recalls', name: 'nav.recalls', group: 'exchange', icon: IconArrowBackUp, needs: 'recall.list',
    load: async () => (await import('../modules/exchange/views/Recalls.tsx')).Recalls,
  },
  {
    path: '/my/recalls', name: 'nav.my-recalls', group: 'exchange', icon: IconTrashX, needs: 'recall.list',
    load: async () => (await import('../modules/exchange/views/ReceivedRecalls.tsx')).ReceivedRecalls,
  },
  {
    path: '/exports', name: 'nav.exports', group: 'exchange', icon: IconPackageExport, needs: 'export.list',
    load: async () => (await import('../modules/exchange/views/Exports.tsx')).Exports,
  },
  {
    path: '/exports/make', name: 'nav.export-make', group: 'exchange', act: true, needs: 'export.make',
    load: async () => (await import('../modules/exchange/views/MakeExport.tsx')).MakeExport,
  },
  {
    path: '/exports/$export', group: 'exchange', needs: 'export.list',
    load: async () => (await import('../modules/exchange/views/ExportView.tsx')).ExportView,
  },
  {
    path: '/quarantined-threats', name: 'nav.set-aside', group: 'exchange', needs: 'threat.list',
    load: async () => (await import('../modules/exchange/views/SetAside.tsx')).SetAside,
  },
  {
    path: '/peers', name: 'nav.peers', group: 'exchange', icon: IconServer2, needs: 'peer.list',
    load: async () => (await import('../modules/peers/views/Peers.tsx')).Peers,
  },
  {
    path: '/parcels', name: 'nav.parcels', group: 'exchange', icon: IconPackage, needs: 'peer.list',
    load: async () => (await import('../modules/peers/views/Parcels.tsx')).Parcels,
  },
  {
    path: '/parcels/pin', name: 'nav.site-pin', group: 'exchange', act: true, needs: 'peer.change',
    load: async () => (await import('../modules/peers/views/PinSite.tsx')).PinSite,
  },
  {
    path: '/peers/add', name: 'nav.peer-add', group: 'exchange', act: true, needs: 'peer.change',
    load: async () => (await import('../modules/peers/views/AddPeer.tsx')).AddPeer,
  },
  {
    path: '/peers/$peer', group: 'exchange', needs: 'peer.list',
    load: async () => (await import('../modules/peers/views/Peer.tsx')).Peer,
  },
  {
    path: '/followings/$following', group: 'exchange', needs: 'peer.list',
    load: async () => (await import('../modules/peers/views/Following.tsx')).Following,
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

export const pages: readonly PageEntry[] = [...landscape, ...exchange, ...vulnerabilities, ...constituents, ...catalogue, ...agreements, ...ledger, ...parties];
