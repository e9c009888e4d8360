import type { Executor } from '../../platform/database/index.js';

/** What this module needs of `lists`, which it may not import: the composition hands it in under LIST_NAMES. */
export interface ListNames {
  bySlug(executor: Executor, slug: string): Promise<{ readonly id: string } | undefined>;
  byIds(
    executor: Executor,
    ids: readonly string[],
  ): Promise<readonly { readonly id: string; readonly slug: string }[]>;
}
export const LIST_NAMES = Symbol('LIST_NAMES');
