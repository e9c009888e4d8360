import { Injectable } from '@nestjs/common';
import { isTimedId, messageStatus, type DeliveryState } from '../../domain/index.js';
import type { Work } from '../../platform/database/index.js';
import { appendEvents } from '../../platform/events/index.js';
import { conflict, notFound, requireSender } from '../../platform/http/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { BlobsRepository } from './attachments/blobs.repository.js';
import { MessageMovesRepository, type MessageState } from './message-moves.repository.js';

/** Cancelling a mail that waits, and sending one again. */
@Injectable()
export class MessageMoves {
  constructor(
    private readonly repository: MessageMovesRepository,
    private readonly blobs: BlobsRepository,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Whoever still waits for the mail does not get it. Once more is no mistake.
   * @returns how many are cancelled, and what the mail is now
   * @throws 404, 409 with the state where nobody waits for it any more
   */
  async cancel(work: Work, id: string): Promise<{ status: DeliveryState; cancelled: number }> {
    const { trx } = work;
    const skipped = isTimedId(id) ? await this.repository.skipWaiting(trx, id) : [];
    await appendEvents(
      trx,
      skipped.map(({ id: deliveryId, personId }) => ({
        type: 'email.skipped',
        personId,
        messageId: id,
        deliveryId,
        data: { reason: 'cancelled', replyCode: null },
      })),
    );
    const { deliveries } = await this.existing(work, id);
    const status = messageStatus(deliveries.map(({ state }) => state));
    const cancelled = deliveries.filter(({ reason }) => reason === 'cancelled').length;
    if (cancelled === 0)
      throw conflict('too_late', `The email is "${status}": only one that waits can be cancelled`);
    return { status, cancelled };
  }

  /**
   * The same mail as a new one: to the same people (but who was erased), with the same content.
   * @throws 403 where the API key may not send as its sender, 404, 409 while it or a repetition of it is open, where its content is no longer kept, or where nobody is left
   */
  async resend(work: Work, id: string): Promise<{ id: string }> {
    const { trx } = work;
    const { root, stream, kept, sender } = await this.existing(work, id);
    requireSender(sender);
    await this.repository.lockResends(trx, root);
    const open = await this.repository.openOf(trx, root);
    if (open !== undefined)
      throw conflict('still_open', `The email ${open} with this content is still on its way`);
    if (!kept) throw conflict('content_gone', 'The content of this email is no longer kept: send a new one');
    const copy = await this.repository.copy(trx, id, root);
    if (!copy) throw conflict('nobody_left', 'Everybody whom this email went to has been erased');
    await this.blobs.share(trx, id, copy.id);
    await appendEvents(
      trx,
      copy.recipients.map(({ personId }) => ({ type: 'email.accepted', messageId: copy.id, personId })),
    );
    if (stream !== 'news') work.afterCommit(() => this.wakeUps.wake(stream, { messageId: copy.id }));
    return { id: copy.id };
  }

  private async existing({ trx }: Work, id: string): Promise<MessageState> {
    const found = isTimedId(id) ? await this.repository.state(trx, id) : undefined;
    if (!found) throw notFound('email', id);
    return found;
  }
}
