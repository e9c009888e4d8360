import { Injectable } from '@nestjs/common';
import type { Executor, Work } from '../../platform/database/index.js';
import { PersonalData, type PersonRef, type RetentionRule } from '../../platform/personal-data/index.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { SignUpsRepository } from './sign-ups.repository.js';
import { Unconfirmed, UNCONFIRMED_DAYS } from './unconfirmed.service.js';

/** A day on which the page of a refused sign-up still knows why, and on which nobody is told twice that they are on a list. */
const SIGN_UP_DAYS = 1;

/** Sign-ups on their way, and the mails that asked for a confirmation. */
@Injectable()
export class OptInPersonalData extends PersonalData {
  readonly tables = ['sign_ups', 'opt_in_requests'];

  override readonly retention: readonly RetentionRule[] = [
    {
      kind: 'sign-ups that were worked on',
      days: SIGN_UP_DAYS,
      describe: 'What a form was posted with. What came of it is in the subscriptions.',
      count: (executor) => this.signUps.countSettled(executor, SIGN_UP_DAYS),
      purge: (db) => this.signUps.deleteSettled(db, SIGN_UP_DAYS),
    },
    {
      kind: 'unconfirmed subscriptions',
      days: UNCONFIRMED_DAYS,
      describe:
        'Subscriptions that were asked for and never confirmed, and the people of whom nothing else is known; rows of the ledger stay without the person.',
      count: (executor) => this.unconfirmed.count(executor),
      purge: (db) => this.unconfirmed.purge(db),
    },
  ];

  constructor(
    private readonly signUps: SignUpsRepository,
    private readonly requests: OptInRequestsRepository,
    private readonly unconfirmed: Unconfirmed,
  ) {
    super();
  }

  async export(executor: Executor, { id, canonical }: PersonRef): Promise<Record<string, unknown>> {
    const requests = await this.requests.ofPerson(executor, id);
    const signUps = canonical === null ? [] : await this.signUps.ofAddress(executor, canonical);
    return {
      confirmationRequests: requests.map(({ createdAt, confirmedAt, subscriptionIds }) => ({
        createdAt,
        confirmedAt,
        subscriptionIds,
      })),
      signUps: signUps.map(({ createdAt, state, content }) => ({
        createdAt,
        state,
        form: content?.kind === 'form' ? content : null,
      })),
    };
  }

  async erase({ trx }: Work, { id, canonical }: PersonRef): Promise<void> {
    await this.requests.deleteOfPerson(trx, id);
    if (canonical !== null) await this.signUps.deleteOfAddress(trx, canonical);
  }
}
