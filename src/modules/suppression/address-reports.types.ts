import type { ReplyReason, ToldKind } from '../../domain/index.js';

/** What became of one mail to one address, told for good: by the relay itself, a report, a provider or the person. */
export interface AddressReport {
  /** `smtp` for our own dialogue, `dsn`, `arf`, or the provider. */
  readonly source: string;
  readonly kind: ToldKind;
  /** Canonical. */
  readonly address: string;
  readonly domain: string;
  readonly delivery: { readonly bucket: string; readonly id: number };
  /** When a person last had it sent again: it may then bounce again. */
  readonly life: Date | null;
  /** The list that it went through. */
  readonly listId: string | null;
  readonly reason: ReplyReason;
  /** For good, and of the address. */
  readonly hard: boolean;
  /** RFC 3463. */
  readonly status: string | null;
  /** The server's words. */
  readonly reply: string | null;
}

/** Why an address has its score, for support. */
export interface ReportView {
  readonly at: Date;
  readonly source: string;
  readonly kind: ToldKind;
  readonly reason: ReplyReason;
  readonly hard: boolean;
  readonly status: string | null;
  readonly reply: string | null;
  readonly weight: number;
}
