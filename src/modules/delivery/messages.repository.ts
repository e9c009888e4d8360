import { Injectable } from '@nestjs/common';
import { bucketOf } from '../../domain/index.js';
import { KeyRing } from '../../platform/crypto/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { toDeliveryView } from './delivery-view.js';
import type { MessageView, NewMessage } from './delivery.types.js';
import type { MailSource, SealedContent } from './mail-source.js';

@Injectable()
export class MessagesRepository {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyRing,
  ) {}

  async insert(
    executor: Executor,
    id: string,
    message: NewMessage,
    facts: { senderId: string; revisionId: string | null; subject: string; content: SealedContent },
  ): Promise<void> {
    const bucket = bucketOf(id);
    await executor
      .insertInto('messages')
      .values({
        bucket,
        id,
        stream: message.stream,
        sender_id: facts.senderId,
        revision_id: facts.revisionId,
        locale: message.locale,
        subject: facts.subject,
        content: this.keys.sealJson('content', facts.content),
        automatic: message.automatic,
        tags: [...(message.tags ?? [])],
        scheduled_at: message.scheduledAt ?? null,
      })
      .execute();
    await executor
      .insertInto('deliveries')
      .values(
        message.recipients.map(({ personId, address, role }) => ({
          bucket,
          stream: message.stream,
          message_id: id,
          person_id: personId,
          role,
          address: address.typed,
          recipient_domain: address.domain,
          ...(message.scheduledAt && { due_at: message.scheduledAt }),
        })),
      )
      .execute();
  }

  /** What the composer needs of a message; undefined when its content was removed by retention. */
  async source(id: string): Promise<MailSource | undefined> {
    const row = await this.db
      .selectFrom('messages')
      .select(['sender_id', 'revision_id', 'locale', 'automatic', 'content'])
      .where('bucket', '=', bucketOf(id))
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row?.content) return undefined;
    return {
      kind: 'message',
      id,
      senderId: row.sender_id,
      revisionId: row.revision_id,
      locale: row.locale,
      automatic: row.automatic,
      content: this.keys.unsealJson('content', row.content) as SealedContent,
    };
  }

  async find(id: string): Promise<MessageView | undefined> {
    const bucket = bucketOf(id);
    const message = await this.db
      .selectFrom('messages')
      .select(['id', 'stream', 'subject', 'tags', 'created_at', 'scheduled_at', 'resend_of'])
      .where('bucket', '=', bucket)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!message) return undefined;
    const deliveries = await this.db
      .selectFrom('deliveries')
      .selectAll()
      .where('bucket', '=', bucket)
      .where('message_id', '=', id)
      .orderBy('id')
      .execute();
    const tries = await this.db
      .selectFrom('delivery_tries')
      .select(['delivery_id', 'at', 'relay', 'state', 'reply_code as replyCode', 'reply'])
      .where('message_id', '=', id)
      .orderBy('id')
      .execute();
    const attempts = Map.groupBy(tries, ({ delivery_id }) => delivery_id);
    const resends = await this.db
      .selectFrom('messages')
      .select('id')
      .where('resend_of', '=', id)
      .orderBy('id')
      .execute();
    const history = await this.db
      .selectFrom('events')
      .select(['at', 'type', 'delivery_id', 'data'])
      .where('message_id', '=', id)
      .orderBy('id')
      .limit(500)
      .execute();
    return {
      id: message.id,
      stream: message.stream,
      subject: message.subject,
      tags: message.tags,
      createdAt: message.created_at,
      scheduledAt: message.scheduled_at,
      resendOf: message.resend_of,
      resends: resends.map((one) => one.id),
      deliveries: deliveries.map((row) => ({
        ...toDeliveryView(row),
        attempts: (attempts.get(row.id) ?? []).map(({ at, relay, state, replyCode, reply }) => ({
          at,
          relay,
          state,
          replyCode,
          reply,
        })),
      })),
      history: history.map(({ at, type, delivery_id, data }) => ({
        at,
        type,
        deliveryId: delivery_id,
        data,
      })),
    };
  }
}
