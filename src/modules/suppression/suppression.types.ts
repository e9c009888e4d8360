import type { SuppressionReason, SuppressionScope } from '../../domain/index.js';

/** Why an address must not be mailed. It is released, never deleted, so that the reason can always be told. */
export interface Suppression {
  readonly id: string;
  /** Canonical. */
  readonly address: string;
  /** `all` stops order mail too, except for the reasons that stop news only (domain/suppression). */
  readonly scope: SuppressionScope;
  /** Set where the scope is one list. */
  readonly listId: string | null;
  readonly reason: SuppressionReason;
  /** The server's words, a report's id, a note: whatever shows that the reason is true. */
  readonly evidence: string | null;
  readonly createdAt: Date;
  readonly releasedAt: Date | null;
  readonly releaseNote: string | null;
}

export interface NewSuppression {
  /** Canonical. */
  readonly address: string;
  readonly scope: SuppressionScope;
  readonly listId?: string | null;
  readonly reason: SuppressionReason;
  readonly evidence?: string | null;
}

export interface SuppressionSearch {
  /** Canonical. */
  readonly address?: string | undefined;
  readonly scope?: SuppressionScope | undefined;
  readonly listId?: string | undefined;
  readonly reason?: SuppressionReason | undefined;
  /** Those that hold now, or those that were released; both when left out. */
  readonly active?: boolean | undefined;
  readonly limit: number;
  /** Id of the last row of the page before. */
  readonly after?: string | undefined;
}
