import { sql, type Kysely } from 'kysely';

/**
 * An order belongs to a shop, not to the channel that told of it: one payment may come from the shop's own code and from its payment
 * provider, and there is one order, and one mail, for both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE orders ADD COLUMN shop text NOT NULL DEFAULT 'default';
    ALTER TABLE orders DROP CONSTRAINT orders_source_order_id_key;
    CREATE UNIQUE INDEX orders_of_shop ON orders (shop, order_id);
    CREATE INDEX orders_person ON orders (person_id);
    CREATE INDEX order_events_order ON order_events (order_ref, id);
  `.execute(db);
}
