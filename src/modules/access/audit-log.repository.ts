import { Injectable } from '@nestjs/common';
import type { Executor } from '../../platform/database/index.js';
import type { Actor, AuditAction, AuditEntry } from './access.types.js';

/** Entries that one key's history shows: the newest. */
const HISTORY = 100;

/** Who did what to which key; append-only, written in the transaction that does it. */
@Injectable()
export class AuditLogRepository {
  async append(
    executor: Executor,
    by: Actor,
    action: AuditAction,
    subject: string,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const actor = typeof by === 'string' ? by : by.apiKeyId;
    await executor
      .insertInto('audit_log')
      .values({ actor, action, subject, changes: JSON.stringify(changes) })
      .execute();
  }

  /** The newest first. */
  async of(executor: Executor, subject: string): Promise<AuditEntry[]> {
    const rows = await executor
      .selectFrom('audit_log')
      .select(['at', 'actor', 'action', 'changes'])
      .where('subject', '=', subject)
      .orderBy('id', 'desc')
      .limit(HISTORY)
      .execute();
    return rows.map(({ actor, action, ...row }) => ({ ...row, by: actor, action: action as AuditAction }));
  }
}
