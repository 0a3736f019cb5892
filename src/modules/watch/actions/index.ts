/** All acts of watching. */
import type { Actions } from '#kit/endpoint';
import type { watchApi } from '../api.ts';
import type { WatchParts } from '../parts.ts';
import { alarmActs } from './alarms.ts';
import { bytesActs } from './bytes.ts';
import { channelActs } from './channels.ts';
import { observerActs } from './observers.ts';
import { recording } from './recording.ts';

export const watchActions = (parts: WatchParts): Actions<typeof watchApi> => ({
  ...channelActs(parts), ...observerActs(parts), ...recording(parts), ...alarmActs(parts), ...bytesActs(parts),
});
