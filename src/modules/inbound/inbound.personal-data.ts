import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../platform/database/index.js';
import {
  inChunks,
  PersonalData,
  type PersonRef,
  type RetentionRule,
} from '../../platform/personal-data/index.js';
import { InboundRepository } from './inbound.repository.js';
import { unpacked } from './packing.js';

const KEPT_DAYS = 30;
/** What is longer is named in an export, not shown: it is a report with a mail of ours in it, or worse. */
const SHOWN_OCTETS = 256 * 1024;

/** Mails that were received: found by the person that their route saw in them, or by who sent them. */
@Injectable()
export class InboundPersonalData extends PersonalData {
  readonly tables = ['inbound_mails'];
  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'received mail',
      days: KEPT_DAYS,
      describe: 'Mail that was received (reports, requests to leave) goes as a whole; what came of it stays.',
      count: (executor) => this.repository.countBefore(executor, KEPT_DAYS),
      purge: (db) => inChunks((limit) => this.repository.purgeBefore(db, KEPT_DAYS, limit)),
    },
  ];

  constructor(private readonly repository: InboundRepository) {
    super();
  }

  async export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>> {
    const mails = [];
    for (const mail of await this.repository.ofPerson(executor, person.id, addressesOf(person))) {
      const source = await unpacked(mail);
      mails.push({
        receivedAt: mail.receivedAt,
        from: mail.sender,
        to: mail.recipient,
        state: mail.state,
        octets: source.length,
        ...(source.length <= SHOWN_OCTETS && { source: source.toString() }),
      });
    }
    return { receivedMails: mails };
  }

  async erase({ trx }: Work, person: PersonRef): Promise<void> {
    await this.repository.eraseOfPerson(trx, person.id, addressesOf(person));
  }
}

function addressesOf({ canonical, address }: PersonRef): string[] {
  return [canonical, address].filter((one) => one !== null).map((one) => one.toLowerCase());
}
