import type { Stream } from '../../domain/index.js';

export interface DeliverabilityFilter {
  /** Days of the hand-over, `YYYY-MM-DD` in UTC, both included. */
  readonly from: string;
  readonly to: string;
  readonly campaignId?: string | undefined;
  readonly domain?: string | undefined;
  /** How many campaigns and domains get a line of their own. */
  readonly top: number;
}

/** Sums; `heard…` of those domains alone from which a complaint was ever heard. */
export interface DeliverabilitySums {
  readonly sent: number;
  readonly returned: number;
  readonly confirmed: number;
  readonly deferred: number;
  readonly hard: number;
  readonly soft: number;
  readonly blocked: number;
  readonly complaints: number;
  readonly heardDelivered: number;
  readonly everHeard: boolean;
}

export type DeliverabilityRow = DeliverabilitySums &
  (
    | { readonly kind: 'total' }
    | { readonly kind: 'day'; readonly day: string }
    | { readonly kind: 'campaign'; readonly stream: Stream; readonly campaignId: string | null }
    | { readonly kind: 'domain'; readonly domain: string }
  ) & { readonly lines: number };
