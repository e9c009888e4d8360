/** What somebody else tells of one of our mails: a report, a provider, a complaint. */
export interface MailEvent {
  readonly source: 'dsn' | 'arf' | 'ses' | 'sendgrid' | 'postmark' | 'mailgun';
  readonly kind:
    | 'sent'
    | 'delivered'
    | 'deferred'
    | 'bounced'
    | 'complained'
    | 'rejected'
    | 'unsubscribed'
    | 'opened'
    | 'clicked'
    | 'other';
  /** Unique within the source where it has one: the same event twice is one. */
  readonly eventId: string | null;
  readonly occurredAt: Date | null;
  /** As the source names it. */
  readonly recipient: string | null;
  /** How it finds its delivery; each may be missing: the VERP token, X-Postrider-Delivery, our Message-ID, the relay's own id. */
  readonly delivery: { readonly bucket: string; readonly id: number } | null;
  readonly deliveryId: number | null;
  readonly messageId: string | null;
  readonly relayId: string | null;
  /** RFC 3463, and the words of the server. */
  readonly status: string | null;
  readonly reply: string | null;
  /** In the vocabulary of src/domain; null: decide from status and reply. */
  readonly reason: string | null;
  readonly hard: boolean | null;
  /**
   * That we never wrote to the recipient speaks for a mail that was forwarded, or for an alias: then it counts against whom we wrote to,
   * but never for good.
   */
  readonly mayBeForwarded?: boolean;
}
