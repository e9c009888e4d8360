import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { bucketOf } from '../domain/index.js';
import type { AlertFacts, MailFact, MailRef } from '../modules/alerts/index.js';
import { Database } from '../platform/database/index.js';
import { withoutPersonalData } from '../platform/logging/index.js';

type MailRow = Omit<MailFact, 'said'> & { deliveryId: number; said: string | null; erased: boolean };

/** What alerts are about, from the tables of several modules. Of a customer who was erased nothing is told but that a mail failed. */
@Injectable()
export class AlertFactsReader implements AlertFacts {
  constructor(private readonly db: Database) {}

  async orderMails(mails: readonly MailRef[]): Promise<ReadonlyMap<number, MailFact>> {
    const months = Map.groupBy(mails, ({ messageId }) => bucketOf(messageId));
    const found = new Map<number, MailFact>();
    for (const [bucket, some] of months) {
      for (const { deliveryId, erased, ...fact } of await this.ofMonth(bucket, some)) {
        const said = fact.said && withoutPersonalData(fact.said).replaceAll('<address>', '…');
        found.set(deliveryId, erased ? { ...fact, order: null, subject: null, said } : { ...fact, said });
      }
    }
    return found;
  }

  async campaigns(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db
      .selectFrom('campaigns')
      .select(['id', 'name'])
      .where('id', '=', sql<string>`ANY(${[...ids]}::uuid[])`)
      .execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async endpoints(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db
      .selectFrom('webhook_endpoints')
      .select(['id', 'url'])
      .where('id', '=', sql<string>`ANY(${[...ids]}::uuid[])`)
      .execute();
    return new Map(rows.map(({ id, url }) => [id, url]));
  }

  /** A mail that was sent again is about the order of the first one. */
  private async ofMonth(bucket: string, mails: readonly MailRef[]): Promise<MailRow[]> {
    const ids = mails.map(({ deliveryId }) => deliveryId);
    const { rows } = await sql<MailRow>`
      SELECT d.id AS "deliveryId", o.number AS "order", coalesce(e.type, m.tags[1]) AS mail, m.subject, d.reply AS said,
             p.erased_at IS NOT NULL AS erased
        FROM deliveries d
        JOIN messages m ON m.bucket = d.bucket AND m.id = d.message_id
        JOIN people p ON p.id = d.person_id
        LEFT JOIN LATERAL (
          SELECT type, order_ref FROM order_events WHERE message_id IN (m.id, m.resend_of) LIMIT 1) e ON true
        LEFT JOIN orders o ON o.id = e.order_ref
       WHERE d.bucket = ${bucket} AND d.id = ANY(${ids}::bigint[]) AND d.stream = 'orders'`.execute(this.db);
    return rows;
  }
}
