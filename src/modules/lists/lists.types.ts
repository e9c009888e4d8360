/** As a label of a domain name (RFC 1035 §2.3.1), because a list's slug becomes part of its List-Id. */
export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A mailing list. Its slug is for people and URLs and does not change; its id is for tables. */
export interface List {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  /** `double`: a person is on the list only after the link in a mail. */
  readonly optIn: 'double' | 'single';
  /** Only public lists are offered on pages. */
  readonly visibility: 'public' | 'private';
  /** Whether one mail reminds those who have not confirmed after two days. */
  readonly reminder: boolean;
  /** Soft bounces at which it lets go of an address; null: as everywhere. */
  readonly softBounceLimit: number | null;
  /** Whether this list follows opens and clicks, of those who agreed. */
  readonly tracking: boolean;
  readonly senderId: string;
  readonly senderSlug: string;
  /** An archived list takes nobody and sends nothing; who was on it is kept. */
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Who mail and pages speak for. */
export interface Brand {
  readonly id: string;
  readonly name: string;
  readonly logoUrl: string | null;
  /** `#rrggbb` */
  readonly colour: string;
  readonly postalAddress: string | null;
  readonly websiteUrl: string | null;
}

/** A From of this install. */
export interface Sender {
  readonly id: string;
  readonly slug: string;
  readonly fromName: string | null;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  /** The domain of `fromAddress` as A-labels. */
  readonly domain: string;
  readonly brand: Brand;
}
