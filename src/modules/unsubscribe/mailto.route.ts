import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/index.js';
import { LEAVE_SUBJECT, LeaveAddresses } from '../delivery/index.js';
import { automaticSign, InboundRoute, type Handled, type InboundMail } from '../inbound/index.js';
import { Subscriptions } from '../subscribers/index.js';
import { Unsubscribe } from './unsubscribe.service.js';

/**
 * The mailto of List-Unsubscribe (RFC 2369 §3.2) and of the foot of news. The address alone says what is meant, so any mail to it
 * ends the subscription, whatever it says and however broken it is, but no answer of a machine: nobody leaves by being on holiday.
 * What has the very subject of our URL is no answer: so leave the machines of mailbox providers for somebody who pressed their button.
 */
@Injectable()
export class LeaveByMail extends InboundRoute {
  readonly name = 'leave';

  constructor(
    private readonly addresses: LeaveAddresses,
    private readonly unsubscribe: Unsubscribe,
    private readonly subscriptions: Subscriptions,
  ) {
    super();
  }

  recognises(localPart: string): boolean {
    return this.addresses.read(localPart) !== undefined;
  }

  async handle(work: Work, mail: InboundMail): Promise<Handled> {
    const link = this.addresses.read(mail.localPart);
    const subscription = link && (await this.subscriptions.byId(work.trx, link.subscriptionId));
    if (!subscription) return { reason: 'nobody is subscribed there any more' };
    const { id: subject, personId, status } = subscription;
    const sign = isOfOurUrl(mail) ? undefined : automaticSign(mail);
    if (sign !== undefined) return { state: 'ignored', reason: `automatic: ${sign}`, personId };
    const proof = { source: 'mailto', text: null };
    await this.unsubscribe.leave(work, { subject, delivery: link.deliveryId }, 'list', proof);
    return { personId, ...(status === 'unsubscribed' && { reason: 'had left before' }) };
  }
}

const isOfOurUrl = ({ headers }: InboundMail): boolean =>
  headers.get('subject')?.trim().toLowerCase() === LEAVE_SUBJECT;
