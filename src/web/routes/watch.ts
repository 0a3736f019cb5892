/** Pages of watching update channels. */
import { IconEye, IconGitFork, IconUrgent } from '@tabler/icons-react';
import type { PageEntry } from './entry.ts';

export const watch: readonly PageEntry[] = [
  {
    path: '/update-channels', name: 'nav.update-channels', group: 'exchange', icon: IconGitFork, needs: 'update-channel.view',
    load: async () => (await import('../../modules/watch/views/Channels.tsx')).Channels,
  },
  {
    path: '/update-channels/publish', name: 'nav.update-channel-publish', group: 'exchange', act: true, needs: 'update-channel.publish',
    load: async () => (await import('../../modules/watch/views/PublishChannel.tsx')).PublishChannel,
  },
  {
    path: '/update-channels/$channel', group: 'exchange', needs: 'update-channel.view',
    load: async () => (await import('../../modules/watch/views/Channel.tsx')).Channel,
  },
  {
    path: '/channel-alarms', name: 'nav.channel-alarms', group: 'exchange', icon: IconUrgent, needs: 'update-channel.view',
    load: async () => (await import('../../modules/watch/views/Alarms.tsx')).Alarms,
  },
  {
    path: '/channel-alarms/$alarm', group: 'exchange', needs: 'update-channel.view',
    load: async () => (await import('../../modules/watch/views/Alarm.tsx')).Alarm,
  },
  {
    path: '/observers', name: 'nav.observers', group: 'exchange', icon: IconEye, needs: 'update-channel.view',
    load: async () => (await import('../../modules/watch/views/Observers.tsx')).Observers,
  },
];
