import pg from 'pg';

/** People `p1@example.com` and on who have confirmed for every list, straight into the tables. */
export async function addAudience(databaseUrl: string, size: number): Promise<void> {
  await query(
    databaseUrl,
    `WITH added AS (
       INSERT INTO people (id, canonical, address)
       SELECT gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com'
         FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, confirmed_at)
     SELECT gen_random_uuid(), added.id, lists.id, 'confirmed', now() FROM added, lists`,
    [size],
  );
}

/** One statement on a connection of its own. */
export async function query(
  databaseUrl: string,
  statement: string,
  values: unknown[] = [],
): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows as unknown[];
  } finally {
    await client.end();
  }
}
