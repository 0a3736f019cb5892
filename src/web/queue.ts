/** What waits for the reader, from every module whose right they hold; only what asks for an act is in it. */
import { agreementsApi } from '#modules/agreements/api';
import { constituentsApi } from '#modules/constituents/api/index';
import { landscapeApi } from '#modules/landscape/api';
import { partiesApi } from '#modules/parties/api';
import { useAsk } from '#ui/asking';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { sideOf } from './side.ts';

export interface Waiting {
  readonly to: string;
  readonly title: string;
  readonly how: string;
  /** `warn` stands first. */
  readonly is: 'warn' | 'info';
}

interface Queue {
  readonly waiting: readonly Waiting[];
  readonly pending: boolean;
}

/** A question that could not be answered leaves its lines out; its own page says why. */
function settled(asked: readonly { readonly isLoading: boolean }[]): boolean {
  return asked.every((a) => !a.isLoading);
}

function useIntake(): Queue {
  const { t, number } = useWords();
  const reader = useReader();
  const feeds = useAsk(landscapeApi.feeds, {}, { enabled: reader.may('feed.list') });
  const batches = useAsk(landscapeApi.batches, { limit: 100 }, { enabled: reader.may('batch.list') });
  const late = (feeds.data?.items ?? []).filter((f) => f.late);
  const refused = (feeds.data?.items ?? []).filter((f) => f.standing === 'refused');
  const held = (batches.data?.items ?? []).filter((b) => b.counts.quarantined > 0);
  const drifted = (batches.data?.items ?? []).filter((b) => b.drift);
  const rows = held.reduce((sum, b) => sum + b.counts.quarantined, 0);
  const waiting: Waiting[] = [];
  if (refused.length) {
    const to = refused.length === 1 ? `/feeds/${refused[0]?.id}` : '/feeds';
    waiting.push({
      to, is: 'warn', title: t('home.refused', { count: refused.length }),
      how: t('home.refused-how', { count: refused.length, names: refused.map((f) => f.title).join(', ') }),
    });
  }
  if (late.length) waiting.push({ to: '/feeds', is: 'warn', title: t('home.late', { count: late.length }), how: t('home.late-how') });
  if (held.length) {
    const to = held.length === 1 ? `/batches/${held[0]?.id}` : '/batches';
    waiting.push({
      to, is: 'warn', title: t('home.quarantine', { count: held.length }), how: t('home.quarantine-how', { rows: number(rows) }),
    });
  }
  if (drifted.length) {
    waiting.push({
      to: `/batches/${drifted[0]?.id}`, is: 'info', title: t('home.drift', { count: drifted.length }), how: t('home.drift-how'),
    });
  }
  return { waiting, pending: !settled([feeds, batches]) };
}

function useReach(): Queue {
  const { t, number, percent } = useWords();
  const reader = useReader();
  const centred = sideOf(reader) === 'centre';
  const centre = useAsk(landscapeApi.attribution, {}, { enabled: reader.may('event.list') && centred });
  const mine = useAsk(landscapeApi.exposure, {}, { enabled: reader.may('exposure.view') && !centred });
  const waiting: Waiting[] = [];
  const first = centre.data?.owners[0];
  if (first && centre.data) {
    waiting.push({
      to: '/overview', is: 'info', title: t('home.owners', { count: centre.data.owners.length }),
      how: t('home.owners-how', { name: first.name, events: number(first.events) }),
    });
  }
  if (centre.data?.unattributedPercent) {
    waiting.push({
      to: '/events?owner=none', is: 'info', title: t('home.unowned', { percent: percent(centre.data.unattributedPercent) }),
      how: t('home.unowned-how'),
    });
  }
  if (mine.data && mine.data.assets > 0) {
    waiting.push({
      to: '/exposure', is: 'warn', title: t('home.exposure', { count: mine.data.assets }),
      how: t('home.exposure-how', { events: number(mine.data.events) }),
    });
  }
  return { waiting, pending: !settled([centre, mine]) };
}

/** What a second person is waited for: the reader, or the reader's own act that somebody agreed to. */
function useTwoPeople(): Queue {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['approvals.list'], {}, { enabled: reader.may('approval.list') });
  const all = asked.data?.approvals ?? [];
  const decide = all.filter((a) => a.whyNot === null);
  const agreed = all.filter((a) => a.mine && a.state === 'approved');
  const denied = all.filter((a) => a.mine && a.state === 'denied' && daysFrom(asked.dataUpdatedAt, a.expiresAt) > 0);
  const waiting: Waiting[] = [];
  const push = (of: typeof all, is: Waiting['is'], title: string, how: string) => {
    if (of.length) waiting.push({ to: of.length === 1 ? `/approvals/${of[0]?.id}` : '/approvals', is, title, how });
  };
  push(decide, 'warn', t('home.decide', { count: decide.length }), t('home.decide-how'));
  push(agreed, 'warn', t('home.agreed', { count: agreed.length }), t('home.agreed-how'));
  push(denied, 'info', t('home.denied', { count: denied.length }), denied[0]?.denial ?? '');
  return { waiting, pending: !settled([asked]) };
}

/** Broken glass: open or unreviewed for whoever reviews, on the home page from the moment it is broken. */
function useBrokenGlass(): Queue {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['break-glass.list'], {}, { enabled: reader.may('break-glass.review') || reader.may('break-glass.start') });
  const all = asked.data?.grants ?? [];
  const waiting: Waiting[] = [];
  for (const state of ['overdue', 'open', 'to-review'] as const) {
    const of = all.filter((g) => g.state === state);
    if (of.length === 0) continue;
    waiting.push({
      to: '/break-glass', is: 'warn', title: t(`home.glass-${state}`, { count: of.length }),
      how: t('home.glass-how', { names: of.map((g) => g.person.name).join(', ') }),
    });
  }
  return { waiting, pending: !settled([asked]) };
}

const expiryDays = 14;

/** What concerns the reader's own ways in: passkeys that were replaced, tokens that end soon. */
function useOwnAccess(): Queue {
  const { t, day } = useWords();
  const reader = useReader();
  const session = useAsk(partiesApi['session.view'], {});
  const tokens = useAsk(partiesApi['tokens.list'], {}, { enabled: reader.signedIn });
  const recovered = session.data?.actor?.recovered ?? null;
  const ending = (tokens.data?.tokens ?? []).filter((token) => {
    const days = daysFrom(tokens.dataUpdatedAt, token.expiresAt);
    return days > 0 && days < expiryDays;
  });
  const waiting: Waiting[] = [];
  if (recovered) {
    waiting.push({
      to: '/account', is: 'warn', title: t('home.recovered', { on: day(recovered.at) }),
      how: t('home.recovered-how', { by: recovered.by, approver: recovered.approvedBy }),
    });
  }
  if (ending.length) {
    waiting.push({
      to: '/tokens', is: 'info', title: t('home.tokens', { count: ending.length }), how: ending.map((token) => token.name).join(', '),
    });
  }
  return { waiting, pending: !settled([session, tokens]) };
}

const soonDays = 90;

function usePaper(): Queue {
  const { t, own } = useWords();
  const reader = useReader();
  const agreements = useAsk(agreementsApi['agreements.list'], {}, { enabled: reader.may('agreement.list') });
  const people = useAsk(partiesApi['people.list'], {}, { enabled: reader.may('invitation.create') && reader.may('person.list') });
  const list = agreements.data?.agreements ?? [];
  const sign = reader.may('agreement.sign') ? list.filter((a) => a.mayISign) : [];
  const soon = list.filter((a) => a.standing === 'in-force' && daysFrom(agreements.dataUpdatedAt, a.expiresAt) <= soonDays);
  const successions = useAsk(agreementsApi['successions.list'], {}, { enabled: reader.may('succession.accept') });
  const succession = (successions.data?.successions ?? []).some((s) => (s.mine === 'successor' && s.state === 'proposed')
    || (s.mine === 'other' && s.state !== 'withdrawn' && s.consents.length === 0 && s.plan.agreements.some((a) => a.needsConsent)));
  const waiting: Waiting[] = [];
  const attest = reader.may('agreement.attest')
    ? list.filter((a) => a.status !== 'ended' && a.attesting.some((c) => c.mine === 'open' && c.attested < c.items)) : [];
  if (attest.length) {
    waiting.push({
      to: `/agreements/${attest[0]?.id}`, is: 'warn', title: t('home.attest', { count: attest.length }), how: t('home.attest-how'),
    });
  }
  const held = reader.may('agreement.acknowledge-suspension')
    ? list.filter((a) => a.suspensions.some((s) => s.side !== a.mySide && s.liftedAt === null && s.acknowledgedAt === null)) : [];
  if (held.length) {
    waiting.push({
      to: `/agreements/${held[0]?.id}`, is: 'warn', title: t('home.suspended', { count: held.length }), how: t('home.suspended-how'),
    });
  }
  if (succession) waiting.push({ to: '/successions', is: 'warn', title: t('home.succession'), how: t('home.succession-how') });
  if (sign.length) {
    waiting.push({
      to: `/agreements/${sign[0]?.id}`, is: 'warn', title: t('home.sign', { count: sign.length }), how: t('home.sign-how'),
    });
  }
  const [next] = soon.toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt));
  if (next) {
    const count = Math.max(0, Math.floor(daysFrom(agreements.dataUpdatedAt, next.expiresAt)));
    waiting.push({
      to: `/agreements/${next.id}/usage`, is: count <= 30 ? 'warn' : 'info',
      title: t('home.reminder', { title: own(next.title, next.titleVi), count }), how: t('home.reminder-how'),
    });
  }
  if (people.data) {
    waiting.push({
      to: '/people', is: 'info', title: t('home.people', { count: people.data.people.length }), how: t('home.people-how'),
    });
  }
  return { waiting, pending: !settled([agreements, people]) };
}

/** `now` is when the answer came, so that no clock is read here. */
function daysFrom(now: number, iso: string): number {
  return (Date.parse(iso) - now) / 86_400_000;
}

/** What the centre has not told yet, and what a constituent has been told and has not closed. */
function useNotices(): Queue {
  const { t } = useWords();
  const reader = useReader();
  const centred = sideOf(reader) === 'centre';
  const queue = useAsk(constituentsApi.notices, { state: 'waiting' }, { enabled: reader.may('notice.list') && centred });
  const mine = useAsk(constituentsApi.myNotices, {}, { enabled: reader.may('notice.receive') && !centred });
  const waiting: Waiting[] = [];
  const count = queue.data?.counts.waiting ?? 0;
  if (count > 0) waiting.push({ to: '/notices', is: 'warn', title: t('home.notices', { count }), how: t('home.notices-how') });
  const open = mine.data?.open ?? 0;
  if (open > 0) waiting.push({ to: '/my-notices', is: 'warn', title: t('home.my-notices', { count: open }), how: t('home.my-notices-how') });
  return { waiting, pending: !settled([queue, mine]) };
}

/** Entries of blocking lists that wait for a second person, and lists that are switched off. */
function useBlocking(): Queue {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(constituentsApi.blocklists, {}, { enabled: reader.may('blocklist.list') && sideOf(reader) === 'centre' });
  const lists = asked.data?.lists ?? [];
  const count = lists.reduce((n, l) => n + l.waiting, 0);
  const waiting: Waiting[] = [];
  if (count > 0) waiting.push({ to: '/blocking-lists', is: 'warn', title: t('home.blocking', { count }), how: t('home.blocking-how') });
  for (const l of lists.filter((one) => one.killedAt !== null)) {
    waiting.push({ to: `/blocking-lists/${l.id}`, is: 'warn', title: t('home.blocking-off', { title: l.title }), how: l.killReason ?? '' });
  }
  return { waiting, pending: !settled([asked]) };
}

export function useQueue(): Queue {
  const parts = [
    useBrokenGlass(), useTwoPeople(), useOwnAccess(), usePaper(), useIntake(), useReach(), useNotices(), useBlocking(),
  ];
  const all = parts.flatMap((p) => p.waiting);
  return {
    waiting: [...all.filter((w) => w.is === 'warn'), ...all.filter((w) => w.is === 'info')],
    pending: parts.some((p) => p.pending),
  };
}
