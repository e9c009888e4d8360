import type { Tables } from '../../platform/database/index.js';

export type ConsentAct = Tables['consent_ledger']['act'];

/** How somebody said it: what stands beside the act in the ledger. */
export interface ConsentProof {
  /** The exact words that the person saw; null where the act needs none, as leaving does. */
  readonly text: string | null;
  readonly textVersion?: string | undefined;
  readonly policyVersion?: string | undefined;
  /** Where it was said: a page's URL, "one-click", "api". */
  readonly source: string;
  /** Stored as its /24 or /48. */
  readonly ip?: string | undefined;
  /** Stored as the family of the program. */
  readonly userAgent?: string | undefined;
  /** The mail that carried the link. */
  readonly messageId?: string | undefined;
  /** The opt-in request that asked and confirmed share. */
  readonly requestId?: string | undefined;
  /** When it was said, where that was before and elsewhere: ISO 8601. */
  readonly agreedAt?: string | undefined;
  /** The import that brought it. */
  readonly importId?: string | undefined;
}

/** Who did what. */
export interface Act {
  readonly act: ConsentAct;
  readonly personId: string;
  readonly listId: string | null;
}

export interface ConsentRecord extends ConsentProof, Act {}

/** What the ledger keeps for ever. Nothing in it names the person. */
export type ConsentFacts = Record<string, string>;

/** What an erasure takes away. */
export interface ConsentPersonal {
  readonly ip: string | null;
  readonly client: string | null;
}

/** A row of the ledger. `personId`, `personal` and `salt` are null after an erasure. */
export interface ConsentRow {
  readonly id: number;
  readonly at: Date;
  readonly act: ConsentAct;
  readonly listId: string | null;
  readonly facts: ConsentFacts;
  readonly personId: string | null;
  readonly personal: ConsentPersonal | null;
  readonly salt: Buffer | null;
  readonly hash: Buffer;
}
