/**
 * Fetching a collection of another server: page after page from where one stands, each taken in before the next place is written. What
 * the server cannot answer at one size of page is asked for in smaller ones, down to single objects, and slowly in larger ones again.
 */
import { recallOf } from '#kit/stix/recall';
import { applyRecall, deliver, sourceById, sourceNamed, type Report, type SourceRecord } from '#modules/exchange/index';
import { setAside } from '../store/runs.ts';
import { pageAt, type Page } from '../taxii/page.ts';
import { PeerError } from '../taxii/session.ts';
import { askedAt, ignoresAfter, setBack, step, withoutNext, type Asked, type Place, type Stuck } from '../taxii/walk.ts';
import type { Run } from './run.ts';

/** Pages of one run; the rest is the next one's. */
const pagesMax = 2_000;
/** A page is never asked to be larger than this, not even to reach beyond one moment. */
const sizeMax = 20_000;
/** So many pages in a row that came well make the next one twice as large. */
const goodPages = 5;
/** Doors that did not open, one after the other and with nothing new in between. */
const mostExpired = 3;
/** Pages without anything in them that nevertheless say there is more. */
const mostEmpty = 20;

const stuckSentence: Readonly<Record<Stuck, string>> = {
  'same-page': 'The server gives the same page again and again, and says that there is more.',
  'one-moment': 'More was added in one moment than this server gives in one page, and it names no next page.',
  'no-dates': 'The server says that there is more, names no next page, and does not say when anything was added.',
  unsorted: 'The server names no next page, and its objects are not in the order in which they were added.',
};

/** Whether a smaller page may be answered where this one was not. */
const shrinking = new Set(['peer.too-large', 'peer.too-slow', 'peer.broken', 'peer.cut', 'peer.refused', 'peer.unreachable']);

export class Fetching {
  private readonly run: Run;
  private place: Place;
  private size: number;
  private markBefore: string | null = null;
  private grown = false;
  private good = 0;
  private expired = 0;
  private retried = false;
  private empty = 0;
  private readonly hooks: FetchHooks;

  constructor(run: Run, hooks: FetchHooks = {}) {
    this.run = run;
    this.hooks = hooks;
    this.place = run.of.following.place as Place;
    this.size = run.pageSize;
  }

  async whole(): Promise<{ more: boolean }> {
    const { parts, peer } = this.run.of;
    // Whoever takes an organisation's place has its peers, and begins a source of its own.
    const source = await sourceById(parts.db, peer.scope, peer.source) ?? await sourceNamed(parts.db, peer.scope, {
      id: parts.ids.next('src'), kind: 'taxii', name: `${peer.title} (${peer.id})`, org: null,
    }, parts.clock.iso());
    for (let pages = 0; pages < pagesMax;) {
      this.run.stopped();
      const asked = askedAt(this.place);
      const page = await this.ask(asked);
      if (page === null) continue;
      pages++;
      if (pages === 1 && this.clockSetBack(page)) continue;
      if (await this.takeIn(source, asked, page)) return { more: false };
    }
    return { more: true };
  }

  /** The page; null where it is to be asked for in another way. */
  private async ask(asked: Asked): Promise<Page | null> {
    const { run } = this;
    try {
      const page = await pageAt(run.session, run.address, run.of.following.filters, asked, this.size);
      run.heard();
      return page;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      if (asked.next !== null && [400, 404, 410].includes(error.status ?? 0) && this.expired < mostExpired) {
        this.expired++;
        run.notice('next-expired');
        this.place = withoutNext(this.place);
        this.markBefore = null;
        return null;
      }
      if (!shrinking.has(error.code) || this.size === 1 || (error.code === 'peer.unreachable' && this.retried)) throw error;
      this.retried ||= error.code === 'peer.unreachable';
      run.notice('smaller-pages');
      this.resize(Math.max(1, Math.floor(this.size / 2)));
      return null;
    }
  }

  private resize(size: number): void {
    this.size = size;
    this.good = 0;
    this.run.pageSize = Math.min(size, this.run.of.peer.pageSize);
  }

  private clockSetBack(page: Page): boolean {
    const { askedAt: at } = this.run.of.following;
    const back = setBack(this.place, page.serverNow, at === null ? 0 : Math.max(0, this.run.began - Date.parse(at)));
    if (back === null) return false;
    this.run.notice('clock-set-back');
    this.place = back;
    return true;
  }

  /** Takes a page in, then writes where that leads; true where the collection's end was reached. */
  private async takeIn(source: SourceRecord, asked: Asked, page: Page): Promise<boolean> {
    const { run } = this;
    const { came } = page;
    if (!page.typed) run.notice('other-type');
    if (ignoresAfter(asked, came)) run.notice('added-after-ignored');
    if (came.count > 0 && came.last === null && came.next === null) run.notice('no-dates');
    if (came.more && came.next === null) run.notice('no-next');
    this.empty = came.count === 0 ? this.empty + 1 : 0;
    const report = await this.deliver(source, page);
    if ((report?.counts.accepted ?? 0) > 0) this.expired = 0;
    await this.followRecalls(source, page);
    await this.hooks.afterDelivery?.(page);
    const mayGrow = this.size < sizeMax && !(this.grown && came.mark === this.markBefore);
    const next = step(this.place, { asked, came, markBefore: this.markBefore, size: this.size, mayGrow });
    this.markBefore = came.mark;
    this.grown = next.kind === 'grow';
    if (next.kind === 'on' || next.kind === 'done') this.place = next.place;
    await this.write(page, report);
    if (next.kind === 'stuck') throw new PeerError(`peer.${next.why}`, stuckSentence[next.why], null);
    if (this.empty > mostEmpty) throw new PeerError('peer.same-page', stuckSentence['same-page'], null);
    if (next.kind === 'grow') this.size = Math.min(this.size * 2, sizeMax);
    else this.settleSize();
    return next.kind === 'done';
  }

  /** After a page that came well: back from a size that was only to reach beyond one moment, and slowly up to what the peer was given. */
  private settleSize(): void {
    const most = this.run.of.peer.pageSize;
    if (this.size > most) this.size = most;
    this.good++;
    if (this.good < goodPages || this.size >= most) return;
    this.resize(Math.min(most, this.size * 2));
  }

  private async deliver(source: SourceRecord, page: Page): Promise<Report | null> {
    const { parts, peer, person, signal } = this.run.of;
    if (page.pieces.length === 0) return null;
    return deliver(parts, {
      scope: peer.scope, source, actor: { person: person ?? peer.createdBy, org: peer.scope }, clauses: [], own: false, unmarked: peer.unmarked,
      confirm: () => {
        if (signal.aborted) throw new PeerError('peer.stopped', 'The fetch was stopped.', null);
      },
    }, each(page.pieces));
  }

  /** What the other side calls back leaves, in the order in which it said so; a second time there is nothing left to leave. */
  private async followRecalls(source: SourceRecord, page: Page): Promise<void> {
    const { parts, peer, person } = this.run.of;
    for (const { value } of page.pieces) {
      const recall = recallOf(value);
      if (recall === null) continue;
      await applyRecall(parts, {
        scope: peer.scope, source: source.id, objects: recall.objects, reason: recall.reason, acknowledgeBy: recall.acknowledgeBy,
        by: person ?? peer.createdBy,
      });
    }
  }

  private async write(page: Page, report: Report | null): Promise<void> {
    const { parts, following, peer } = this.run.of;
    const counts = report?.counts;
    const number = this.run.counts.pages + 1;
    const refused = (report?.lines ?? []).filter((line) => line.outcome === 'refused')
      .map((line) => ({ id: parts.ids.next('psa'), place: `page ${number} of ${this.run.of.run}, ${line.place}`, stixId: line.id, text: line.text }));
    await this.run.save(this.place, {
      pages: 1, objects: page.came.count, bytes: page.bytes, accepted: counts?.accepted ?? 0, duplicate: counts?.duplicate ?? 0,
      quarantined: counts?.quarantined ?? 0, refused: counts?.refused ?? 0,
    }, (tx) => setAside(tx, { scope: peer.scope, following: following.id, now: parts.clock.iso() }, refused));
  }
}

/** What else follows from a page, once its objects are in and before one goes on. */
export interface FetchHooks { readonly afterDelivery?: (page: Page) => Promise<void> }

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}
