import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { isId, newId } from '../../domain/index.js';
import { Database } from '../../platform/database/index.js';
import { toPage } from '../../platform/http/index.js';
import type { Page } from '../../platform/http/index.js';
import type { InboxMessage, InboxQuery, InboxStore, InboxSummary, NewInboxMessage } from './inbox.types.js';

/** How old the count may be, in milliseconds, before the table is counted again. */
const RECOUNT_AFTER = 10_000;
/** One INSERT takes what is waiting, up to so many rows and octets. */
const GROUP_ROWS = 200;
const GROUP_OCTETS = 8 * 1024 * 1024;

const summary = [
  'id',
  'received_at',
  'mail_from',
  'rcpt_to',
  'from_header',
  'to_header',
  'subject',
  'size',
] as const;

interface Waiting {
  message: NewInboxMessage;
  stored: () => void;
  failed: (reason: unknown) => void;
}

/** The inbox in PostgreSQL. Mails that arrive at the same time share one INSERT and so one commit. */
@Injectable()
export class InboxRepository implements InboxStore {
  private readonly waiting: Waiting[] = [];
  private writing = false;
  private counted: { at: number; rows: Promise<number>; added: number } | null = null;

  constructor(private readonly db: Database) {}

  add(message: NewInboxMessage): Promise<void> {
    return new Promise((stored, failed) => {
      this.waiting.push({ message, stored, failed });
      if (!this.writing) void this.write();
    });
  }

  async list({ limit, after, q }: InboxQuery): Promise<Page<InboxSummary>> {
    let query = this.db
      .selectFrom('inbox_messages')
      .select(summary)
      .orderBy('id', 'desc')
      .limit(limit + 1);
    if (after !== null) query = query.where('id', '<', after);
    if (q !== '') {
      const pattern = `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`;
      query = query.where((row) =>
        row.or([
          row('subject', 'ilike', pattern),
          row('to_header', 'ilike', pattern),
          row(sql<string>`array_to_string(rcpt_to, ' ')`, 'ilike', pattern),
        ]),
      );
    }
    return toPage(await query.execute(), limit, toSummary);
  }

  async get(id: string): Promise<InboxMessage | null> {
    if (!isId(id)) return null;
    const row = await this.db
      .selectFrom('inbox_messages')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row ? { ...toSummary(row), raw: row.raw } : null;
  }

  /** Counts the table now and then, and in between what was added here: a COUNT per mail would cost more than the mail. */
  async count(): Promise<number> {
    if (this.counted === null || Date.now() - this.counted.at > RECOUNT_AFTER) {
      const counted = { at: Date.now(), rows: this.countRows(), added: 0 };
      counted.rows.catch(() => {
        if (this.counted === counted) this.counted = null;
      });
      this.counted = counted;
    }
    const counted = this.counted;
    return (await counted.rows) + counted.added;
  }

  /** TRUNCATE, because it gives the disk space back at once. */
  async clear(): Promise<void> {
    await sql`TRUNCATE inbox_messages`.execute(this.db);
    this.counted = null;
  }

  private async countRows(): Promise<number> {
    const { rows } = await this.db
      .selectFrom('inbox_messages')
      .select((row) => row.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return rows;
  }

  private async write(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        await this.db
          .insertInto('inbox_messages')
          .values(group.map(({ message }) => toRow(message)))
          .execute();
        if (this.counted) this.counted.added += group.length;
        for (const { stored } of group) stored();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.writing = false;
  }

  private takeGroup(): Waiting[] {
    let octets = 0;
    const tooMuch = this.waiting.findIndex(({ message }, index) => {
      octets += message.raw.length;
      return index === GROUP_ROWS || (index > 0 && octets > GROUP_OCTETS);
    });
    return this.waiting.splice(0, tooMuch === -1 ? this.waiting.length : tooMuch);
  }
}

/** PostgreSQL's text cannot hold NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '');
}

function toRow(message: NewInboxMessage) {
  return {
    id: newId(),
    mail_from: storable(message.mailFrom),
    rcpt_to: message.rcptTo.map(storable),
    from_header: storable(message.fromHeader),
    to_header: storable(message.toHeader),
    subject: storable(message.subject),
    size: message.raw.length,
    raw: message.raw,
  };
}

interface SummaryRow {
  id: string;
  received_at: Date;
  mail_from: string;
  rcpt_to: string[];
  from_header: string;
  to_header: string;
  subject: string;
  size: number;
}

function toSummary(row: SummaryRow): InboxSummary {
  return {
    id: row.id,
    receivedAt: row.received_at,
    mailFrom: row.mail_from,
    rcptTo: row.rcpt_to,
    fromHeader: row.from_header,
    toHeader: row.to_header,
    subject: row.subject,
    size: row.size,
  };
}
