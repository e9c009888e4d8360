import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from './program.js';

/** People who have confirmed, written straight into the tables: the bench is about sending. */
export async function addAudience(program: Program, list: string, recipients: number): Promise<void> {
  await program.call('POST', '/v1/lists', { slug: list, name: 'Bench' });
  await program.pool.query(
    `WITH added AS (
       INSERT INTO people (id, canonical, address, name, locale)
       SELECT gen_random_uuid(), $2 || '-' || n || '@example.com', $2 || '-' || n || '@example.com', 'Person ' || n, 'en'
         FROM generate_series(1, $1::int) n RETURNING id)
     INSERT INTO subscriptions (id, person_id, list_id, status, confirmed_at)
     SELECT gen_random_uuid(), added.id, lists.id, 'confirmed', now() FROM added, lists WHERE lists.slug = $2`,
    [recipients, list],
  );
  await program.pool.query('ANALYZE people, subscriptions');
}

/** Makes a campaign of the bench's letter for a list and starts it. */
export async function startCampaign(program: Program, list: string): Promise<string> {
  const content = await readFile(new URL('./letter.md', import.meta.url), 'utf8');
  const { id } = await program.call('POST', '/v1/campaigns', {
    name: list,
    subject: 'Bench',
    lists: [list],
    content,
  });
  await program.call('POST', `/v1/campaigns/${id}/send`);
  return id as string;
}

/** Waits until it is finished. @throws when the counts are not those of the audience */
export async function finished(program: Program, id: string, recipients: number): Promise<void> {
  for (;;) {
    const { state, stateReason, counts } = await program.call('GET', `/v1/campaigns/${id}`);
    if (state === 'finished') {
      if (counts.sent === recipients) return;
      throw new Error(`Not all of ${recipients} were sent: ${JSON.stringify(counts)}`);
    }
    if (state === 'paused') throw new Error(`The campaign is paused: ${stateReason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The same message for the yardstick: what Postrider compiled, with the name as its merge tag and links of the same length. */
export async function saveMail(program: Program): Promise<string> {
  const { rows } = await program.pool.query(
    `SELECT compiled FROM compiled_templates c JOIN batches b ON b.revision_id = c.revision_id LIMIT 1`,
  );
  const { subject, html, text } = rows[0].compiled as { subject: string; html: string; text: string };
  const link = `https://bench.example/unsubscribe/${'x'.repeat(75)}`;
  const fill = (part: string): string =>
    part
      .replaceAll(/\{%[^%]*%\}/g, '')
      .replaceAll(/\{\{\s*recipient\.name[^}]*\}\}/g, '__NAME__')
      .replaceAll(/\{\{\s*links[^}]*\}\}/g, link)
      .replaceAll(/\{\{[^}]*\}\}/g, 'Bench');
  const headers = {
    'List-Unsubscribe': `<${link}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': '<bench.lists.bench.example>',
    'Feedback-ID': 'x:bench:news:bench-example',
  };
  const file = join(program.folder, 'mail.json');
  await writeFile(
    file,
    JSON.stringify({ subject: fill(subject), html: fill(html), text: fill(text), headers }),
  );
  return file;
}
