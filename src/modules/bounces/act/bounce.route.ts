import { Injectable } from '@nestjs/common';
import type { Work } from '../../../platform/database/index.js';
import { BounceAddresses } from '../../delivery/index.js';
import { GroupRoute, type Handled, type InboundMail } from '../../inbound/index.js';
import { BounceMails } from './bounce-mails.service.js';

/**
 * What comes to a delivery's own envelope sender. The address is signed, so whoever writes there has had that mail in hands, and can
 * speak of it alone, whatever else the report names.
 */
@Injectable()
export class BounceRoute extends GroupRoute {
  readonly name = 'bounce';

  constructor(
    private readonly addresses: BounceAddresses,
    private readonly mails: BounceMails,
  ) {
    super();
  }

  recognises(localPart: string): boolean {
    return this.addresses.read(localPart) !== undefined;
  }

  async handleAll(work: Work, mails: readonly InboundMail[]): Promise<Handled[]> {
    return this.mails.take(work, mails, ({ localPart }) => {
      const delivery = this.addresses.read(localPart);
      return delivery && { delivery, deliveryId: null };
    });
  }
}
