/**
 * What a webhook says, by its type; docs/webhooks.md shows an example of each. Ids are those of the API. Addresses are null for a person
 * who was erased. Fields may be added.
 */

/** One recipient of a mail. Of `emailId` and `campaignId` one is null. */
interface MailData {
  readonly emailId: string | null;
  readonly campaignId: string | null;
  readonly deliveryId: number;
  readonly subscriberId: string;
  readonly to: string | null;
  readonly stream: 'orders' | 'service' | 'news' | null;
  /** The list through which a newsletter went. */
  readonly list: string | null;
  readonly tags: readonly string[];
  /** Of an order mail. */
  readonly order?: OrderRef;
}

/** What the server said, where it said anything. */
interface Answer {
  readonly reason?: string;
  readonly replyCode?: number;
}

interface OrderRef {
  readonly shop: string;
  readonly id: string;
  readonly number: string;
}

interface SubscriberData {
  readonly subscriberId: string;
  readonly email: string | null;
  /** Slug; null where it is about the person. */
  readonly list: string | null;
}

interface SubscriptionData extends SubscriberData {
  readonly subscriptionId?: string;
}

interface CampaignData {
  readonly campaignId: string;
}

interface SuppressionData {
  readonly suppressionId: string;
  readonly scope: 'all' | 'news' | 'list';
  readonly reason: string;
  readonly list: string | null;
}

export interface WebhookData {
  'subscriber.asked': SubscriptionData;
  'subscriber.confirmed': SubscriptionData;
  'subscriber.revived': SubscriptionData;
  'subscriber.changed': SubscriptionData & { readonly what?: string; readonly minDaysBetween?: number };
  'subscriber.paused': SubscriptionData & { readonly days?: number };
  'subscriber.imported': SubscriptionData;
  'subscriber.unsubscribed': SubscriptionData & {
    readonly scope?: 'list' | 'all';
    readonly source?: string;
  };
  'subscriber.erased': SubscriberData;
  'order.received': {
    /** Of the order event: `order.placed` … */
    readonly type: string;
    readonly status: 'queued' | 'skipped';
    readonly reason?: string;
    /** Your own; it, the number and the shop are null once the customer was erased. */
    readonly orderId: string | null;
    readonly orderNumber: string | null;
    readonly shop: string | null;
    readonly emailId: string | null;
    readonly subscriberId: string;
  };
  'email.sent': MailData & Answer;
  'email.deferred': MailData & Answer;
  'email.failed': MailData & Answer;
  'email.skipped': MailData & Answer;
  'email.unknown': MailData & Answer;
  'email.delivered': MailData;
  'email.bounced': MailData & Answer;
  'email.complained': MailData;
  'campaign.unscheduled': CampaignData & { readonly reason?: string };
  'campaign.started': CampaignData;
  'campaign.paused': CampaignData & { readonly reason?: string };
  'campaign.resumed': CampaignData;
  'campaign.resent': CampaignData & { readonly queued?: number; readonly states?: string };
  'campaign.cancelled': CampaignData;
  'campaign.finished': CampaignData;
  'suppression.added': SuppressionData;
  'suppression.released': SuppressionData;
  'webhook.disabled': { readonly endpointId: string; readonly reason: string };
  /** What is told beside these depends on its `kind`. */
  'alert.raised': {
    readonly alertId: string;
    readonly kind: string;
    readonly emailId: string | null;
    readonly campaignId: string | null;
    readonly order: OrderRef | null;
    readonly [more: string]: unknown;
  };
  'test.ping': { readonly endpointId: string };
}

export type WebhookEventType = keyof WebhookData;

/** Ask for its `type`, and its `data` is known. A type that came later than this SDK falls through every `case`. */
export type WebhookEvent<Type extends WebhookEventType = WebhookEventType> = {
  readonly [Each in Type]: {
    readonly type: Each;
    /** When it happened, ISO 8601. */
    readonly timestamp: string;
    readonly data: Readonly<WebhookData[Each]>;
  };
}[Type];
