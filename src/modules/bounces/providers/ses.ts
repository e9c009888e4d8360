import { Injectable } from '@nestjs/common';
import { isObject, textAt, timeAt, type Json } from './fields.js';
import { Unproven, type MailHook, type MailProvider, type Proven, type Told } from './mail-provider.js';
import { sesEvents } from './ses-events.js';
import { snsUrl } from './sns-pages.js';
import { SnsSignatures } from './sns.js';

/**
 * Amazon SES, which tells through a topic of Amazon SNS. Anybody can have a topic, and Amazon signs for all of them: so a signature
 * counts only together with the topics that are ours.
 */
@Injectable()
export class Ses implements MailProvider {
  readonly name = 'ses';
  readonly authSetting = 'SES_WEBHOOK_AUTH';
  readonly keySetting = 'SES_TOPIC_ARNS';

  constructor(private readonly signatures: SnsSignatures) {}

  async prove({ body }: MailHook, topics: string | undefined): Promise<Proven> {
    const message = typeof body === 'string' ? parsed(body) : body;
    if (!isObject(message) || textAt(message, 'Type') === undefined) {
      throw new Unproven('it is no message of Amazon SNS: turn "raw message delivery" off', true);
    }
    if (textAt(message, 'Type') === 'SubscriptionConfirmation' && !snsUrl(textAt(message, 'SubscribeURL'))) {
      throw new Unproven('SubscribeURL is no page of Amazon SNS', true);
    }
    if (topics === undefined) return { content: message, signedAt: null, nonce: null };
    const topic = textAt(message, 'TopicArn');
    if (!topics.split(',').some((known) => known.trim() === topic)) {
      throw new Unproven('its topic is not one of SES_TOPIC_ARNS');
    }
    await this.signatures.check(message);
    return { content: message, signedAt: timeAt(message, 'Timestamp') ?? new Date(Number.NaN), nonce: null };
  }

  read(content: unknown): Told {
    if (!isObject(content)) return { events: [], nothing: 'no message of Amazon SNS' };
    switch (textAt(content, 'Type')) {
      case 'SubscriptionConfirmation':
        return confirmation(content);
      case 'Notification':
        return notification(content);
      default:
        return { events: [], nothing: 'no notification' };
    }
  }
}

function confirmation(content: Json): Told {
  const confirm = snsUrl(textAt(content, 'SubscribeURL'));
  return { events: [], nothing: 'asks to confirm the subscription', ...(confirm && { confirm }) };
}

function notification(content: Json): Told {
  const { Message: text } = content;
  const told = typeof text === 'string' ? parsed(text) : undefined;
  if (!isObject(told))
    return { events: [], nothing: 'its text is no JSON: the greeting of a new subscription' };
  const events = sesEvents(told, textAt(content, 'MessageId'), timeAt(content, 'Timestamp'));
  const type = textAt(told, 'eventType', 'notificationType');
  return events.length > 0
    ? { events }
    : { events, nothing: `nothing about a mail of ours (${type ?? 'no type'})` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
