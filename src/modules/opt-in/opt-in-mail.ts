import { Injectable } from '@nestjs/common';
import type { Address } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { LinkTokens } from '../../platform/crypto/index.js';
import type { Work } from '../../platform/database/index.js';
import { Messages } from '../delivery/index.js';
import type { List } from '../lists/index.js';
import { OPT_IN_TAG } from './unconfirmed.repository.js';

/** Where nothing says which language a person reads. */
const DEFAULT_LOCALE = 'en';

export interface OptInRecipient {
  readonly id: string;
  readonly address: Address;
  readonly locale: string | null;
}

/** The mails of an opt-in. They speak for the sender of the first list. */
@Injectable()
export class OptInMail {
  constructor(
    private readonly config: Config,
    private readonly tokens: LinkTokens,
    private readonly messages: Messages,
  ) {}

  /**
   * Asks a person to confirm. It greets nobody by name: whoever filled in the form may be a stranger, and what a stranger typed must
   * not reach an inbox under the shop's name.
   * @param requestId becomes the mail's id, so that the ledger can name the mail before it exists
   * @param days how long the link works
   */
  async confirmation(
    work: Work,
    requestId: string,
    person: OptInRecipient,
    lists: readonly List[],
    days: number,
  ): Promise<void> {
    const locale = person.locale ?? DEFAULT_LOCALE;
    await this.send(work, person, lists, 'confirm-subscription', requestId, {
      confirmUrl: this.confirmUrl(requestId),
      expiresInDays: days,
      recipient: { name: null, locale },
    });
  }

  /** Once more the link of a request whose mail nobody answered; it greets nobody either. */
  async reminder(
    work: Work,
    requestId: string,
    person: OptInRecipient,
    lists: readonly List[],
  ): Promise<void> {
    await this.send(work, person, lists, 'confirm-reminder', undefined, {
      confirmUrl: this.confirmUrl(requestId),
      recipient: { name: null, locale: person.locale ?? DEFAULT_LOCALE },
    });
  }

  /** For an address that asked for what it gets: only its owner hears that. */
  async alreadySubscribed(work: Work, person: OptInRecipient, lists: readonly List[]): Promise<void> {
    await this.send(work, person, lists, 'already-subscribed', undefined, {});
  }

  /** @param byName see `OptInMailing.send` */
  async welcome(work: Work, person: OptInRecipient, lists: readonly List[], byName: boolean): Promise<void> {
    await this.send(work, person, lists, 'welcome', undefined, {
      ...(!byName && { recipient: { name: null, locale: person.locale ?? DEFAULT_LOCALE } }),
    });
  }

  private confirmUrl(requestId: string): string {
    return `${this.config.publicUrl}/confirm/${this.tokens.make('confirm', requestId)}`;
  }

  private async send(
    work: Work,
    person: OptInRecipient,
    lists: readonly List[],
    template: string,
    id: string | undefined,
    variables: Record<string, unknown>,
  ): Promise<void> {
    await this.messages.accept(work, {
      ...(id !== undefined && { id }),
      stream: 'service',
      senderId: lists[0]?.senderId,
      locale: person.locale ?? DEFAULT_LOCALE,
      content: {
        template,
        variables: { ...variables, lists: lists.map(({ name, description }) => ({ name, description })) },
      },
      recipients: [{ personId: person.id, address: person.address, role: 'to' }],
      automatic: true,
      tags: [OPT_IN_TAG],
    });
  }
}
