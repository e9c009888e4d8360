import type { SelectQueryBuilder } from 'kysely';
import type { Address } from '../../domain/index.js';
import type { SubscriptionStatus, Tables } from '../../platform/database/index.js';
import type { List } from '../lists/index.js';

/** What a shop knows of a person, flat, so that a merge tag or a segment can name it. */
export type AttributeValue = string | number | boolean | null | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A subscriber, a customer, or both. After an erasure only the id is left. */
export interface Person {
  readonly id: string;
  readonly canonical: string | null;
  /** As it was typed first: what mail is sent to. */
  readonly address: string | null;
  readonly name: string | null;
  /** BCP 47 */
  readonly locale: string | null;
  /** IANA */
  readonly timezone: string | null;
  readonly attributes: Attributes;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly erasedAt: Date | null;
}

export interface PersonInput {
  readonly address: Address;
  readonly name?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly attributes?: Attributes | undefined;
}

/** What is left out stays; null empties a field, and inside `attributes` removes that attribute. */
export interface PersonChange {
  readonly name?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly timezone?: string | null | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface PersonSearch {
  /** Canonical. */
  readonly address?: string | undefined;
  readonly listId?: string | undefined;
  /** Of the subscription to `listId`, or of any. */
  readonly status?: SubscriptionStatus | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** One person on one list. There is one row for both, whatever comes and goes. */
export interface Subscription {
  readonly id: string;
  readonly personId: string;
  readonly listId: string;
  readonly status: SubscriptionStatus;
  readonly askedAt: Date;
  readonly confirmedAt: Date | null;
  /** Kept when the person asks again, until the new confirmation. */
  readonly leftAt: Date | null;
  /** Host and path of the page that asked, or a word such as "checkout". */
  readonly source: string | null;
  /** Why no mail can reach the address, where that ended it: `no_such_domain`, `takes_no_mail`. */
  readonly refused: string | null;
}

export type SubscriptionInFull = Subscription & { readonly person: Person; readonly list: List };

/** Which subscriptions end: one; or those of a person, to these lists or to all. */
export type Leaving =
  | { readonly id: string }
  | { readonly personId: string; readonly listIds?: readonly string[] };

/** A query that a freeze copies inside the database. */
export type AudienceQuery = SelectQueryBuilder<
  Tables,
  never,
  { person_id: string; address: string; recipient_domain: string }
>;
