import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { detailsOf, invalidFields, Once, refusedItem } from '../../platform/http/index.js';
import { newEmail, type EmailBatchAnswer } from './emails.schemas.js';
import { Emails } from './emails.service.js';

/** Many mails in one call, each in a transaction of its own: one that is wrong costs the others nothing. */
@Injectable()
export class EmailsBatch {
  constructor(
    private readonly emails: Emails,
    private readonly once: Once,
  ) {}

  /**
   * One after the other, in the order given.
   * @throws 422 where the Idempotency-Key came with another batch, 503 when the database goes away in the middle: what was accepted by then stays, and the call can be made again with its
   * Idempotency-Key
   */
  async accept(request: FastifyRequest, mails: readonly unknown[]): Promise<EmailBatchAnswer> {
    await this.once.tie(request);
    const data: EmailBatchAnswer['data'] = [];
    for (const [index, mail] of mails.entries()) data.push(await this.one(request, index, mail));
    return { data };
  }

  private async one(
    request: FastifyRequest,
    index: number,
    mail: unknown,
  ): Promise<EmailBatchAnswer['data'][number]> {
    const parsed = newEmail.safeParse(mail);
    if (!parsed.success) return refusedItem(invalidFields(detailsOf(parsed.error.issues)));
    try {
      const content = await this.emails.prepare(parsed.data);
      const { status, body } = await this.once.runItem(request, index, mail, async (work) => ({
        status: 202,
        body: await this.emails.accept(work, parsed.data, content),
      }));
      return { statusCode: status, ...body };
    } catch (error) {
      return refusedItem(error);
    }
  }
}
