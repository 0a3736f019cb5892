/**
 * Keeps open pages true: whatever the hub tells of is asked for anew where it is shown. The hub decides what one is told;
 * nothing is shown from the stream itself.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useReader } from '#ui/reader';
import { listen } from './client.ts';

/** Questions whose answers a noun is part of, by the beginning of their path; of others, those that name the noun. */
const shownIn: Readonly<Record<string, readonly string[]>> = {
  batch: ['/api/batches', '/api/feeds', '/api/feed-health', '/api/events', '/api/episodes', '/api/attribution', '/api/exposure', '/api/public/',
    '/api/constituents/', '/api/website-attacks', '/api/state-offices', '/api/attack-networks', '/api/botnet-clean-up', '/api/source-scores',
    '/api/my/source-score', '/api/scans', '/api/isp-league', '/api/my/isp-league'],
  agreement: ['/api/agreements', '/api/feeds', '/api/exposure', '/api/decisions', '/api/held-copies'],
  product: ['/api/products'], release: ['/api/products', '/api/releases', '/api/reviews'],
  'detection-rule': ['/api/artefacts'], document: ['/api/my/documents', '/api/artefacts'],
  artefact: ['/api/releases', '/api/artefacts', '/api/products', '/api/my/documents'],
  rebuilder: ['/api/rebuilders'], rebuild: ['/api/releases', '/api/rebuilds', '/api/public/rebuilds', '/api/products'],
  verdict: ['/api/releases', '/api/rebuilds', '/api/verdicts', '/api/public/rebuilds', '/api/products', '/api/rebuilders'],
  'update-channel': ['/api/update-channels', '/api/channel-alarms'], observer: ['/api/observers'],
  observation: ['/api/update-channels', '/api/observers', '/api/channel-alarms'], 'channel-alarm': ['/api/channel-alarms', '/api/update-channels'],
  visit: ['/api/visits', '/api/rooms'], room: ['/api/rooms', '/api/visits'], view: ['/api/visits/'], review: ['/api/visits', '/api/reviews'],
  search: ['/api/visits/'], source: ['/api/reviews/'],
  watermark: [], excerpt: ['/api/visits/'], copy: ['/api/visits/'], appeal: ['/api/notes/'], trail: ['/api/visits/'],
  arbiter: ['/api/visits/'], bait: ['/api/visits/'],
  'review-note': ['/api/visits/'], flaw: ['/api/flaws', '/api/visits/', '/api/flow-comparisons'],
  flow: ['/api/visits/', '/api/flow-comparisons'], statement: ['/api/public/statements'],
  vulnerability: ['/api/vulnerabilities', '/api/vulnerability-sources'],
  threat: ['/api/threats', '/api/threat-source-cards', '/api/my/threat-card', '/api/collections', '/api/threat-sources', '/api/quarantined-threats'],
  alert: ['/api/alerts', '/api/my/alerts'], 'alert-line': ['/api/my/alert-line'],
  export: ['/api/exports'],
  recall: ['/api/recalls', '/api/my/recalls', '/api/threats', '/api/collections'], sighting: ['/api/threats'],
  blindlist: ['/api/blind-lists'], community: ['/api/communities'], reshare: ['/api/reshares', '/api/threats'],
  collection: ['/api/collections', '/api/threats', '/api/communities'], warninglist: ['/api/warninglists', '/api/lookup'],
  site: ['/api/sites'], parcel: ['/api/sites', '/api/threats'],
  peer: ['/api/peers', '/api/followings', '/api/threats', '/api/threat-sources'],
  'held-copy': ['/api/held-copies'], 'push-key': ['/api/feeds'], 'file-conflict': ['/api/files'],
  'feed-source': ['/api/feeds', '/api/feed-health'], feed: ['/api/feeds', '/api/feed-health'], mapping: ['/api/feeds'],
  'report-schema': ['/api/report-schemas', '/api/feeds'], replay: ['/api/feeds'],
  blocklist: ['/api/blocking-lists', '/api/my/blocking-lists'], 'guard-list': ['/api/blocking-guards', '/api/blocking-lists'],
  connection: ['/api/connections', '/api/my/connections'], website: ['/api/website-attacks'],
  scan: ['/api/scans', '/api/my/scans'], 'exposure-advisory': ['/api/exposure-advisories', '/api/exposure/advisories'],
  figure: ['/api/quoted-figures'], finding: ['/api/findings', '/api/notices', '/api/my/notices', '/api/my/changes', '/api/source-scores',
    '/api/my/source-score', '/api/isp-league', '/api/my/isp-league'],
  notice: ['/api/notices', '/api/notice-rules', '/api/my/notices', '/api/my/notice-rules', '/api/my/changes'],
  asset: ['/api/constituents', '/api/isp-league', '/api/my/isp-league'], constituent: ['/api/constituents', '/api/attribution'],
  invitation: ['/api/people', '/api/invitations'], person: ['/api/people', '/api/session'], organisation: ['/api/organisations'],
};
const log = ['/api/facts', '/api/ledger'];

/** Whether the answer of a path may have changed with a fact of this class. A look changes nothing but the log. */
export function touches(path: string, name: string): boolean {
  const [noun = '', verb = ''] = name.split('.');
  if (log.some((start) => path.startsWith(start))) return true;
  if (verb === 'viewed') return false;
  const shown = shownIn[noun];
  return shown ? shown.some((start) => path.startsWith(start)) : path.includes(`/${noun}`);
}

/** Waits for what comes together, so that a burst is one question. */
const gatherMs = 400;

export function useLive(): void {
  const queries = useQueryClient();
  const { signedIn, person } = useReader();
  useEffect(() => {
    if (!signedIn) return undefined;
    const heard = new Set<string>();
    const state: { timer: ReturnType<typeof setTimeout> | null } = { timer: null };
    const look = (): void => {
      state.timer = null;
      const names = [...heard];
      heard.clear();
      const all = names.includes('*');
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => all || names.some((name) => touches(String(queryKey[1]), name)),
      });
    };
    const stop = listen((name) => {
      heard.add(name);
      state.timer ??= setTimeout(look, gatherMs);
    });
    return () => {
      stop();
      if (state.timer !== null) clearTimeout(state.timer);
    };
  }, [queries, signedIn, person]);
}
