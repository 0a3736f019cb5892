/** What the rules need to know of a visit, an item and a finding: no more of their rows. */
import type { ItemKind, ItemState, ReviewLevel, VisitState } from './model.ts';

export interface VisitFacts {
  readonly state: VisitState; readonly from_day: string; readonly to_day: string; readonly mode: 'remote' | 'on-site'; readonly level: ReviewLevel;
  readonly closed_at: string | null; readonly opens_after: number;
}
export interface ItemFacts { readonly kind: ItemKind; readonly name: string; readonly ref: string; readonly state: ItemState }
export interface FlawRowState {
  readonly disclose_by: string; readonly disclosed_at: string | null; readonly answer_by: string | null; readonly closed_at: string | null;
}
