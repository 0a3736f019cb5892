/** Which client fetches for which kind of source. */
import type { SourceSettings } from '../model.ts';
import { folderFiles } from './folder.ts';
import { httpFiles } from './http.ts';
import { imapFiles } from './imap.ts';
import { mispFiles } from './misp.ts';
import { s3Files } from './s3.ts';
import { shadowserverFiles } from './shadowserver.ts';
import type { Looking, Step } from './step.ts';

export function filesOf(settings: SourceSettings, looking: Looking): AsyncIterable<Step> {
  switch (settings.kind) {
    case 'http': return httpFiles(settings, looking);
    case 'folder': return folderFiles(settings, looking);
    case 'imap': return imapFiles(settings, looking);
    case 's3': return s3Files(settings, looking);
    case 'shadowserver': return shadowserverFiles(settings, looking);
    case 'misp': return mispFiles(settings, looking);
  }
}
