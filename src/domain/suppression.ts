/**
 * Who must not be mailed: every suppression that can exist (scope × reason), what it stops, and what lifts it. The check before a
 * hand-over says the same in SQL (`delivery/check.repository.ts`); a test compares the two for every combination.
 */

export const suppressionScopes = ['all', 'news', 'list'] as const;
export type SuppressionScope = (typeof suppressionScopes)[number];

/** The strongest first, where several of one scope hold. */
export const suppressionReasons = ['hard_bounce', 'manual', 'imported', 'complaint', 'soft_bounces'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/**
 * Reasons that stop news only, whatever their scope: who called a newsletter spam still gets the receipt for what they buy, and a
 * receipt to a full mailbox is worth its try.
 */
export const newsOnlyReasons: readonly SuppressionReason[] = ['complaint', 'soft_bounces'];

export interface SuppressionFacts {
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** Set where the scope is one list. */
  readonly listId: string | null;
}

/** News goes through a list; orders, service mail and notices are what a person's own act or the law asks for. */
export type SuppressibleMail =
  | { readonly kind: 'news'; readonly listId: string }
  | { readonly kind: 'needed' };

/** Whether one that holds stops this mail. */
export function stopsMail({ scope, reason, listId }: SuppressionFacts, mail: SuppressibleMail): boolean {
  if (mail.kind === 'needed') return scope === 'all' && !newsOnlyReasons.includes(reason);
  return scope !== 'list' || listId === mail.listId;
}

/**
 * Of several that hold, the one that tells most: what stops order mail comes before what stops news, all news before one list, and
 * what needs a person to lift it before what lifts itself.
 */
export function strongestSuppression<T extends SuppressionFacts>(holding: readonly T[]): T | undefined {
  return holding.toSorted((a, b) => strength(a) - strength(b))[0];
}

function strength(one: SuppressionFacts): number {
  const rank = suppressionScopes.indexOf(one.scope) * suppressionReasons.length;
  const needed = stopsMail(one, { kind: 'needed' })
    ? 0
    : suppressionScopes.length * suppressionReasons.length;
  return needed + rank + suppressionReasons.indexOf(one.reason);
}

/** What can lift one. Nothing is lifted by time: a mailbox that was given up does not come back by waiting, it becomes a trap. */
export type Release =
  | { readonly by: 'person' } // of the shop, with a note
  | { readonly by: 'opt_in'; readonly listIds: readonly string[] }; // the person's own, asked for and confirmed later

/**
 * Whether it lifts. The click on a confirmation mail proves that the mailbox takes mail and that its owner wants these lists. So it
 * lifts what stops them, except what somebody here decided for a reason of their own, and except what stops the confirmation mail
 * itself: no click can have come through that.
 */
export function lifts(release: Release, one: SuppressionFacts): boolean {
  if (release.by === 'person') return true;
  if (one.reason === 'manual' || stopsMail(one, { kind: 'needed' })) return false;
  return release.listIds.some((listId) => stopsMail(one, { kind: 'news', listId }));
}
