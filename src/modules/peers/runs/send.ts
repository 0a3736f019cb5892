/**
 * Sending what one shares to a collection of the other side's own server: page by page of one's log, each added before the next number
 * is written, so that a crash in between adds it again, which no server may mind (TAXII 2.1, 5.5). Additions that the other side has
 * not finished are asked for in the next runs.
 */
import { sharedAfter, sharedUnder } from '#modules/exchange/index';
import type { SendingPlace } from '../store/peers.ts';
import { setAside } from '../store/runs.ts';
import { jsonOf, PeerError } from '../taxii/session.ts';
import type { Run } from './run.ts';

const pagesMax = 500;
const mostPending = 100;
const shrinking = new Set(['peer.too-large', 'peer.too-slow', 'peer.broken', 'peer.refused']);

interface Failure { readonly id: string; readonly message: string }
interface Status { readonly pending: boolean; readonly id: string | null; readonly succeeded: number; readonly failures: readonly Failure[] }

export class Sending {
  private readonly run: Run;
  private place: SendingPlace;
  constructor(run: Run) {
    this.run = run;
    this.place = run.of.following.place as SendingPlace;
  }

  async whole(): Promise<{ more: boolean }> {
    const { parts, peer, following } = this.run.of;
    const shared = peer.agreement === null || following.own === null ? null : await sharedUnder(parts, peer.scope, following.own, peer.agreement);
    if (shared === null) throw new PeerError('peer.not-agreed', 'What is sent is shared no more under the agreement with this peer.', null);
    if (shared.refusal !== null) throw new PeerError('peer.not-agreed', shared.refusal, null);
    await this.settle();
    let size = this.run.pageSize;
    for (let pages = 0; pages < pagesMax && this.place.pending.length < mostPending; pages++) {
      this.run.stopped();
      const page = await sharedAfter(parts.db, peer.scope, shared.collection.id, this.place.seq, size);
      const last = page.rows.at(-1);
      if (!last) return { more: false };
      try {
        await this.add(page.rows);
      } catch (error) {
        const tooLarge = error instanceof PeerError && (error.status === 413 || shrinking.has(error.code));
        if (!tooLarge || size === 1) throw error;
        size = Math.max(1, Math.floor(size / 2));
        this.run.pageSize = size;
        continue;
      }
      if (!page.more) return { more: false };
    }
    return { more: true };
  }

  private async add(rows: readonly { readonly seq: number; readonly body: string }[]): Promise<void> {
    const body = `{"objects":[${rows.map((r) => r.body).join(',')}]}`;
    const status = statusIn(jsonOf(await this.run.session.post(`${this.run.address}objects/`, body)), rows.length);
    this.run.heard();
    const pending = status.pending && status.id !== null
      ? [...this.place.pending, { url: `${this.run.of.following.root}status/${encodeURIComponent(status.id)}/`, total: rows.length }] : this.place.pending;
    this.place = { seq: rows.at(-1)?.seq ?? this.place.seq, pending };
    await this.write(status, { pages: 1, objects: rows.length, bytes: Buffer.byteLength(body) });
  }

  /** Asks how additions of earlier runs went. One that the other side has forgotten is over. */
  private async settle(): Promise<void> {
    for (const one of this.place.pending) {
      this.run.stopped();
      const status = await this.statusOf(one);
      if (status?.pending) continue;
      this.place = { ...this.place, pending: this.place.pending.filter((p) => p.url !== one.url) };
      await this.write(status ?? { pending: false, id: null, succeeded: 0, failures: [] }, {});
    }
  }

  private async statusOf({ url, total }: SendingPlace['pending'][number]): Promise<Status | null> {
    try {
      return statusIn(jsonOf(await this.run.session.get(url)), total);
    } catch (error) {
      if (error instanceof PeerError && error.code === 'peer.gone') return null;
      throw error;
    }
  }

  private async write(status: Status, came: { pages?: number; objects?: number; bytes?: number }): Promise<void> {
    const { parts, peer, following } = this.run.of;
    await this.run.save(this.place, { ...came, accepted: status.pending ? 0 : status.succeeded, refused: status.failures.length }, (tx) =>
      setAside(tx, { scope: peer.scope, following: following.id, now: parts.clock.iso() }, status.failures.map((f) =>
        ({ id: parts.ids.next('psa'), place: f.id, stixId: f.id, text: f.message }))));
  }
}

const mostFailures = 1_000;

/** A status resource (4.3), as far as it can be believed. */
export function statusIn(resource: Readonly<Record<string, unknown>>, total: number): Status {
  const failures = (Array.isArray(resource['failures']) ? resource['failures'] : []).slice(0, mostFailures).map((one: unknown): Failure => {
    const f = one !== null && typeof one === 'object' ? one as Readonly<Record<string, unknown>> : {};
    return { id: String(f['id'] ?? '').slice(0, 300), message: String(f['message'] ?? '').slice(0, 500) };
  });
  const said = resource['success_count'];
  const id = resource['id'];
  return {
    pending: resource['status'] === 'pending', id: typeof id === 'string' && /^[\w.~-]{1,200}$/.test(id) ? id : null, failures,
    succeeded: typeof said === 'number' && Number.isInteger(said) && said >= 0 ? Math.min(said, total) : Math.max(0, total - failures.length),
  };
}
