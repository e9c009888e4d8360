import type { Insertable, Selectable } from 'kysely';
import type { Tables } from '../../platform/database/index.js';

export type AlertRow = Selectable<Tables['alerts']>;
export type AlertKind = AlertRow['kind'];

/** What the operator must know of. `subject`: the thing that it is about, of which there is one alert until that is over. */
export type NewAlert = Pick<Insertable<Tables['alerts']>, 'kind' | 'subject' | 'at'> & {
  readonly messageId?: string | null;
  readonly deliveryId?: number | null;
  readonly campaignId?: string | null;
  /** Ids, words and numbers; nothing about people. */
  readonly data: Readonly<Record<string, string | number | null>>;
};

/** A delivery of a single mail. */
export interface MailRef {
  readonly messageId: string;
  readonly deliveryId: number;
}

/** What an order mail was, and what became of it. */
export interface MailFact {
  /** Of the shop; null where no order made the mail, or where its customer was erased. */
  readonly order: string | null;
  /** Such as `order.shipped`. */
  readonly mail: string | null;
  /** Null where the customer was erased. */
  readonly subject: string | null;
  /** The last words of the server, without addresses. */
  readonly said: string | null;
}

/** What this module needs of others, which it may not import: the composition hands it in under ALERT_FACTS. */
export interface AlertFacts {
  /** Of these, by delivery id, those that are order mail. */
  orderMails(mails: readonly MailRef[]): Promise<ReadonlyMap<number, MailFact>>;
  /** Names, by id. */
  campaigns(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** URLs of webhook endpoints, by id. */
  endpoints(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
export const ALERT_FACTS = Symbol('ALERT_FACTS');
