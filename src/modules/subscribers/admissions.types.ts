import type { Address } from '../../domain/index.js';
import type { Attributes } from './subscribers.types.js';

/** Somebody whom an import brings, once in a call. */
export interface Candidate {
  /** Made by the caller; the person's, where the address is new here. */
  readonly id: string;
  readonly address: Address;
  readonly name: string | null;
  readonly locale: string | null;
  readonly attributes: Attributes;
  /** When they agreed; null: not known. */
  readonly agreedAt: Date | null;
}

export interface AdmissionTerms {
  readonly listIds: readonly string[];
  /** For the reports, as `Subscription.source`. */
  readonly source: string;
  /** Whether the values of the import or the stored ones stay where both are there. */
  readonly wins: 'new' | 'stored';
}

/** Why a known person stays as they are: they left, no mail can reach them, they were erased. */
export type Reason = 'left' | 'refused' | 'erased';

/** A subscription that an admission has begun. */
export interface Joined {
  readonly id: string;
  readonly personId: string;
  readonly listId: string;
}

/** Everything by the id of the candidate. Who is in none of `turnedAway`, `changed` and, by their person, `joined` was here as they are. */
export interface Admitted {
  readonly joined: readonly Joined[];
  readonly turnedAway: ReadonlyMap<string, Reason>;
  /** Known ones whose name, language or attributes are others now. */
  readonly changed: ReadonlySet<string>;
  /** The person behind a candidate who was known before; all others are new, with the candidate's id. */
  readonly people: ReadonlyMap<string, string>;
}
