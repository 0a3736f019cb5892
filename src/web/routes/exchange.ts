/** Pages of the exchange: what is shared, recalled, alerted, exported, and with which servers. */
import {
  IconEyeOff, IconZoomQuestion,
  IconArrowBackUp, IconArrowForwardUp, IconBellRinging, IconPackage, IconPackageExport, IconReportAnalytics, IconServer2,
  IconShare3, IconSpeakerphone, IconSpider, IconTrashX, IconUsersGroup,
} from '@tabler/icons-react';
import type { PageEntry } from './entry.ts';

export const exchange: readonly PageEntry[] = [
  {
    path: '/threats', name: 'nav.threats', group: 'exchange', icon: IconSpider, needs: 'threat.read',
    load: async () => (await import('../../modules/exchange/views/Threats.tsx')).Threats,
  },
  {
    path: '/threats/import', name: 'nav.threat-import', group: 'exchange', act: true, needs: 'threat.import',
    load: async () => (await import('../../modules/exchange/views/ImportThreats.tsx')).ImportThreats,
  },
  {
    path: '/threats/$object', group: 'exchange', needs: 'threat.read',
    load: async () => (await import('../../modules/exchange/views/Threat.tsx')).Threat,
  },
  {
    path: '/collections', name: 'nav.collections', group: 'exchange', icon: IconShare3, needs: 'threat.read',
    load: async () => (await import('../../modules/exchange/views/Collections.tsx')).Collections,
  },
  {
    path: '/collections/open', name: 'nav.collection-open', group: 'exchange', act: true, needs: 'collection.open',
    load: async () => (await import('../../modules/exchange/views/OpenCollection.tsx')).OpenCollection,
  },
  {
    path: '/my/alerts', name: 'nav.my-alerts', group: 'exchange', icon: IconBellRinging, needs: 'threat.read',
    load: async () => (await import('../../modules/alerts/views/MyAlerts.tsx')).MyAlerts,
  },
  {
    path: '/alerts', name: 'nav.alerts', group: 'exchange', icon: IconSpeakerphone, needs: 'alert.list',
    load: async () => (await import('../../modules/alerts/views/Alerts.tsx')).Alerts,
  },
  {
    path: '/alerts/send', name: 'nav.alert-send', group: 'exchange', act: true, needs: 'alert.send',
    load: async () => (await import('../../modules/alerts/views/SendAlert.tsx')).SendAlert,
  },
  {
    path: '/my/alert-line', name: 'nav.alert-line', group: 'exchange', needs: 'alert.set-line',
    load: async () => (await import('../../modules/alerts/views/AlertLine.tsx')).AlertLine,
  },
  {
    path: '/look-up', name: 'nav.look-up', group: 'exchange', icon: IconZoomQuestion, needs: 'threat.read',
    load: async () => (await import('../../modules/exchange/views/LookUp.tsx')).LookUp,
  },
  {
    path: '/blind-lists', name: 'nav.blind-lists', group: 'exchange', icon: IconEyeOff, needs: 'threat.list',
    load: async () => (await import('../../modules/exchange/views/BlindLists.tsx')).BlindLists,
  },
  {
    path: '/communities', name: 'nav.communities', group: 'exchange', icon: IconUsersGroup, needs: 'collection.open',
    load: async () => (await import('../../modules/exchange/views/Communities.tsx')).Communities,
  },
  {
    path: '/reshares', name: 'nav.reshares', group: 'exchange', icon: IconArrowForwardUp, needs: 'threat.list',
    load: async () => (await import('../../modules/exchange/views/Reshares.tsx')).Reshares,
  },
  {
    path: '/threat-source-cards', name: 'nav.threat-cards', group: 'exchange', icon: IconReportAnalytics, needs: 'threat.list',
    load: async () => (await import('../../modules/exchange/views/SourceCards.tsx')).SourceCards,
  },
  {
    path: '/my/threat-card', name: 'nav.my-threat-card', group: 'exchange', needs: 'threat.list',
    load: async () => (await import('../../modules/exchange/views/SourceCards.tsx')).MyThreatCard,
  },
  {
    path: '/recalls', name: 'nav.recalls', group: 'exchange', icon: IconArrowBackUp, needs: 'recall.list',
    load: async () => (await import('../../modules/exchange/views/Recalls.tsx')).Recalls,
  },
  {
    path: '/my/recalls', name: 'nav.my-recalls', group: 'exchange', icon: IconTrashX, needs: 'recall.list',
    load: async () => (await import('../../modules/exchange/views/ReceivedRecalls.tsx')).ReceivedRecalls,
  },
  {
    path: '/exports', name: 'nav.exports', group: 'exchange', icon: IconPackageExport, needs: 'export.list',
    load: async () => (await import('../../modules/exchange/views/Exports.tsx')).Exports,
  },
  {
    path: '/exports/make', name: 'nav.export-make', group: 'exchange', act: true, needs: 'export.make',
    load: async () => (await import('../../modules/exchange/views/MakeExport.tsx')).MakeExport,
  },
  {
    path: '/exports/$export', group: 'exchange', needs: 'export.list',
    load: async () => (await import('../../modules/exchange/views/ExportView.tsx')).ExportView,
  },
  {
    path: '/quarantined-threats', name: 'nav.set-aside', group: 'exchange', needs: 'threat.list',
    load: async () => (await import('../../modules/exchange/views/SetAside.tsx')).SetAside,
  },
  {
    path: '/peers', name: 'nav.peers', group: 'exchange', icon: IconServer2, needs: 'peer.list',
    load: async () => (await import('../../modules/peers/views/Peers.tsx')).Peers,
  },
  {
    path: '/parcels', name: 'nav.parcels', group: 'exchange', icon: IconPackage, needs: 'peer.list',
    load: async () => (await import('../../modules/peers/views/Parcels.tsx')).Parcels,
  },
  {
    path: '/parcels/pin', name: 'nav.site-pin', group: 'exchange', act: true, needs: 'peer.change',
    load: async () => (await import('../../modules/peers/views/PinSite.tsx')).PinSite,
  },
  {
    path: '/peers/add', name: 'nav.peer-add', group: 'exchange', act: true, needs: 'peer.change',
    load: async () => (await import('../../modules/peers/views/AddPeer.tsx')).AddPeer,
  },
  {
    path: '/peers/$peer', group: 'exchange', needs: 'peer.list',
    load: async () => (await import('../../modules/peers/views/Peer.tsx')).Peer,
  },
  {
    path: '/followings/$following', group: 'exchange', needs: 'peer.list',
    load: async () => (await import('../../modules/peers/views/Following.tsx')).Following,
  },
];
