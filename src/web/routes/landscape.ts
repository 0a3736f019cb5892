/** Pages of the landscape. */
import {
  IconActivity, IconAlertTriangle, IconBug, IconBuildingCommunity, IconChartLine, IconDatabaseImport, IconFileSearch, IconHome,
  IconListSearch, IconRadar2, IconReportAnalytics, IconRss, IconTargetArrow, IconTrophy, IconWorldExclamation, IconWorldLongitude,
} from '@tabler/icons-react';
import type { PageEntry } from './entry.ts';

export const landscape: readonly PageEntry[] = [
  {
    path: '/', name: 'nav.home', group: 'landscape', icon: IconHome,
    open: true, load: async () => (await import('../Home.tsx')).Home,
  },
  {
    path: '/overview', name: 'nav.overview', group: 'landscape', icon: IconChartLine, open: true,
    load: async () => (await import('../../modules/landscape/views/Overview.tsx')).Overview,
  },
  {
    path: '/attack-origins', name: 'nav.origins', group: 'landscape', icon: IconWorldLongitude, open: true,
    load: async () => (await import('../../modules/landscape/views/Origins.tsx')).Origins,
  },
  {
    path: '/exposure', name: 'nav.exposure', group: 'landscape', icon: IconRadar2, needs: 'exposure.view', for: 'constituent',
    load: async () => (await import('../../modules/landscape/views/Exposure.tsx')).Exposure,
  },
  {
    path: '/exposure-advisories', name: 'nav.advisories', group: 'landscape', icon: IconAlertTriangle, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/ExposureAdvisories.tsx')).ExposureAdvisories,
  },
  {
    path: '/exposure-advisories/publish', name: 'nav.advisory-publish', group: 'landscape', act: true, needs: 'exposure-advisory.publish',
    load: async () => (await import('../../modules/landscape/views/PublishAdvisory.tsx')).PublishAdvisory,
  },
  {
    path: '/exposure-advisories/$advisory', group: 'landscape', needs: 'event.list',
    load: async () => (await import('../../modules/landscape/views/ExposureAdvisory.tsx')).ExposureAdvisory,
  },
  {
    path: '/scans', name: 'nav.scans', group: 'landscape', icon: IconTargetArrow, needs: 'scan.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Scans.tsx')).Scans,
  },
  {
    path: '/scans/request', name: 'nav.scan-request', group: 'landscape', act: true, needs: 'scan.run',
    load: async () => (await import('../../modules/landscape/views/RequestScan.tsx')).RequestScan,
  },
  {
    path: '/scans/$job', group: 'landscape', needs: 'scan.list',
    load: async () => (await import('../../modules/landscape/views/Scans.tsx')).Scan,
  },
  {
    path: '/source-scores', name: 'nav.source-scores', group: 'landscape', icon: IconReportAnalytics, needs: 'feed.view', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/SourceScores.tsx')).SourceScores,
  },
  {
    path: '/my-source-score', name: 'nav.my-source-score', group: 'landscape', icon: IconReportAnalytics, needs: 'feed.deliver',
    load: async () => (await import('../../modules/landscape/views/SourceScores.tsx')).MySourceScore,
  },
  {
    path: '/constituents/$constituent/exposure', group: 'landscape', needs: 'event.list',
    load: async () => (await import('../../modules/landscape/views/ConstituentExposure.tsx')).ConstituentExposure,
  },
  {
    path: '/state-offices', name: 'nav.offices', group: 'landscape', icon: IconBuildingCommunity, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Offices.tsx')).Offices,
  },
  {
    path: '/botnet-clean-up', name: 'nav.clean-up', group: 'landscape', icon: IconBug, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/CleanUp.tsx')).CleanUp,
  },
  {
    path: '/isp-league', name: 'nav.league', group: 'landscape', icon: IconTrophy, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/League.tsx')).League,
  },
  {
    path: '/my-isp-league', name: 'nav.my-league', group: 'landscape', icon: IconTrophy, needs: 'exposure.view', for: 'constituent', kind: 'isp',
    load: async () => (await import('../../modules/landscape/views/MyLeague.tsx')).MyLeague,
  },
  {
    path: '/website-attacks', name: 'nav.websites', group: 'landscape', icon: IconWorldExclamation, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Websites.tsx')).Websites,
  },
  {
    path: '/files', name: 'nav.files', group: 'landscape', icon: IconFileSearch, needs: 'file.look-up', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Files.tsx')).Files,
  },
  {
    path: '/events', name: 'nav.events', group: 'landscape', icon: IconListSearch, needs: 'event.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Events.tsx')).Events,
  },
  {
    path: '/feeds', name: 'nav.feeds', group: 'landscape', icon: IconRss, needs: 'feed.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Feeds.tsx')).Feeds,
  },
  {
    path: '/feeds/create', name: 'nav.feed-create', group: 'landscape', act: true, needs: 'feed.create',
    load: async () => (await import('../../modules/landscape/views/CreateFeed.tsx')).CreateFeed,
  },
  {
    path: '/feed-health', name: 'nav.feed-health', group: 'landscape', icon: IconActivity, needs: 'feed.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/FeedsHealth.tsx')).FeedsHealth,
  },
  {
    path: '/feeds/$feed/sources/new', group: 'landscape', needs: 'feed-source.change',
    load: async () => (await import('../../modules/landscape/views/SourceForm.tsx')).NewSource,
  },
  {
    path: '/feeds/$feed/sources/$source', group: 'landscape', needs: 'feed-source.view',
    load: async () => (await import('../../modules/landscape/views/Source.tsx')).Source,
  },
  {
    path: '/feeds/$feed/sources/$source/change', group: 'landscape', needs: 'feed-source.change',
    load: async () => (await import('../../modules/landscape/views/SourceForm.tsx')).ChangeSource,
  },
  {
    path: '/feeds/$feed/mapping', group: 'landscape', needs: 'mapping.list',
    load: async () => (await import('../../modules/landscape/views/MappingEditor.tsx')).MappingEditor,
  },
  {
    path: '/report-schemas', name: 'nav.report-schemas', group: 'landscape', needs: 'mapping.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/ReportSchemas.tsx')).ReportSchemas,
  },
  {
    path: '/feeds/$feed', group: 'landscape', needs: 'feed.view',
    load: async () => (await import('../../modules/landscape/views/Feed.tsx')).Feed,
  },
  {
    path: '/batches', name: 'nav.batches', group: 'landscape', icon: IconDatabaseImport, needs: 'batch.list', for: 'centre',
    load: async () => (await import('../../modules/landscape/views/Batches.tsx')).Batches,
  },
  {
    path: '/batches/upload', name: 'nav.upload', group: 'landscape', act: true, needs: 'feed.ingest',
    load: async () => (await import('../../modules/landscape/views/Ingest.tsx')).Ingest,
  },
  {
    path: '/batches/$batch', group: 'landscape', needs: 'batch.view',
    load: async () => (await import('../../modules/landscape/views/Batch.tsx')).Batch,
  },
  {
    path: '/statistics/$series', group: 'landscape', open: true,
    load: async () => (await import('../../modules/landscape/views/Statistic.tsx')).Statistic,
  },
  {
    path: '/about-the-data', name: 'nav.about', group: 'landscape', open: true,
    load: async () => (await import('../../modules/landscape/views/About.tsx')).About,
  },
];
