import { Injectable } from '@nestjs/common';
import { LinkTokens } from '../../../platform/crypto/index.js';
import type { Work } from '../../../platform/database/index.js';
import { BounceAddresses, LeaveAddresses } from '../../delivery/index.js';
import { GroupRoute, type Handled, type InboundMail } from '../../inbound/index.js';
import type { ReturnedIdentity } from '../understand/index.js';
import { BounceMails, type ProvenClues } from './bounce-mails.service.js';

/** `bounces` is the envelope sender where a relay takes no signed one (`envelope: fixed`). */
const LOCAL_PARTS: ReadonlySet<string> = new Set(['abuse', 'fbl', 'bounces']);

/**
 * Complaints of feedback loops, which come to one plain address that anybody may write to. So only what is signed in the returned mail
 * counts: its envelope sender, or the links of List-Unsubscribe. Numbers and Message-IDs can be guessed by whoever got another mail of
 * the same campaign (docs/decisions/0013).
 */
@Injectable()
export class FeedbackRoute extends GroupRoute {
  readonly name = 'feedback';

  constructor(
    private readonly bounceAddresses: BounceAddresses,
    private readonly leaveAddresses: LeaveAddresses,
    private readonly tokens: LinkTokens,
    private readonly mails: BounceMails,
  ) {
    super();
  }

  recognises(localPart: string): boolean {
    return LOCAL_PARTS.has(localPart.toLowerCase());
  }

  async handleAll(work: Work, mails: readonly InboundMail[]): Promise<Handled[]> {
    return this.mails.take(work, mails, (_, { identity }) => this.proven(identity));
  }

  private proven({ envelopeSender, listUnsubscribe }: ReturnedIdentity): ProvenClues | undefined {
    const delivery = this.bounceAddresses.read(envelopeSender?.split('@')[0] ?? '');
    if (delivery) return { delivery, deliveryId: null };
    const deliveryId = this.ofLink(listUnsubscribe ?? '') ?? this.ofMailto(listUnsubscribe ?? '');
    return deliveryId === null ? undefined : { delivery: null, deliveryId };
  }

  private ofLink(field: string): number | null {
    const token = /\/unsubscribe\/([\w-]{1,200})/.exec(field)?.[1];
    return token === undefined ? null : (this.tokens.read(token, 'unsubscribe')?.delivery ?? null);
  }

  private ofMailto(field: string): number | null {
    const local = /mailto:(leave-[a-z2-7]{1,60})@/i.exec(field)?.[1];
    return local === undefined ? null : (this.leaveAddresses.read(local)?.deliveryId ?? null);
  }
}
