/** Drafts into Native blocks of `ev`: one method a row, no object a row. */
import { Sixteen, takeBlock, Text, Texts, U16, U32, U64, U8 } from '#kit/native/native';
import type { Draft } from '../shapes/draft.ts';

/** What the refinery knows of a row beside its draft. */
export interface Placed {
  area: string;
  asn: number;
  owner: string;
  site: string;
  /** Where the other side is; '' where there is none. */
  peerArea: string;
  userLow: number;
  userHigh: number;
}

const noAddress = new Uint8Array(16);

export class BlockWriter {
  private readonly id = new Sixteen('id', 'FixedString(16)');
  private readonly scope = new Text('scope');
  private readonly feed = new Text('feed');
  private readonly batch = new Text('batch');
  private readonly day = new U16('day', 'Date');
  private readonly time = new U32('time', "DateTime('UTC')");
  private readonly received = new U32('received', "DateTime('UTC')");
  private readonly report = new Text('report');
  private readonly kind = new Text('kind');
  private readonly type = new Text('type');
  private readonly family = new Text('family');
  private readonly severity = new Text('severity');
  private readonly confidence = new U8('confidence');
  private readonly tlp = new Text('tlp');
  private readonly ip = new Sixteen('ip', 'IPv6');
  private readonly port = new U16('port');
  private readonly area = new Text('area');
  private readonly asn = new U32('asn');
  private readonly peer = new Sixteen('peer', 'IPv6');
  private readonly peerPort = new U16('peer_port');
  private readonly domain = new Text('domain');
  private readonly site = new Text('site');
  private readonly url = new Text('url');
  private readonly owner = new Text('owner');
  private readonly user = new U64('user');
  private readonly count = new U32('count');
  private readonly attrs = new Texts('attrs');
  private readonly peerArea = new Text('peer_area');
  private readonly columns = [
    this.id, this.scope, this.feed, this.batch, this.day, this.time, this.received, this.report, this.kind, this.type,
    this.family, this.severity, this.confidence, this.tlp, this.ip, this.port, this.area, this.asn, this.peer,
    this.peerPort, this.domain, this.site, this.url, this.owner, this.user, this.count, this.attrs, this.peerArea,
  ];
  private readonly fixed: { scope: string; feed: string; batch: string; received: number };
  rows = 0;

  constructor(fixed: { scope: string; feed: string; batch: string; received: number }) {
    this.fixed = fixed;
  }

  add(id: Uint8Array, draft: Draft, tlp: string, placed: Placed): void {
    const { fixed } = this;
    this.id.add(id);
    this.scope.add(fixed.scope);
    this.feed.add(fixed.feed);
    this.batch.add(fixed.batch);
    this.day.add(Math.floor(draft.time / 86_400));
    this.time.add(draft.time);
    this.received.add(fixed.received);
    this.report.add(draft.reportType);
    this.kind.add(draft.kind);
    this.type.add(draft.type);
    this.family.add(draft.family);
    this.severity.add(draft.severity);
    this.confidence.add(draft.confidence);
    this.tlp.add(tlp);
    this.ip.add(draft.hasIp ? draft.ip : noAddress);
    this.port.add(draft.port);
    this.area.add(placed.area);
    this.asn.add(placed.asn);
    this.peer.add(draft.hasPeer ? draft.peer : noAddress);
    this.peerPort.add(draft.peerPort);
    this.domain.add(draft.domain);
    this.site.add(placed.site);
    this.url.add(draft.url);
    this.owner.add(placed.owner);
    this.user.add(placed.userLow, placed.userHigh);
    this.count.add(draft.count);
    for (let i = 0; i < draft.pairs; i++) this.attrs.pair(draft.keys[i] as string, draft.values[i] as string);
    this.attrs.end();
    this.peerArea.add(placed.peerArea);
    this.rows += 1;
  }

  /** The rows so far as one block; null where there are none. */
  take(): Uint8Array | null {
    if (this.rows === 0) return null;
    const block = takeBlock(this.columns, this.rows);
    this.rows = 0;
    return block;
  }
}
