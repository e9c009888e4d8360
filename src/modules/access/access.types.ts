import type { KeyLimits } from '../../domain/index.js';

/** An API key as it may be shown: never its secret, which only the answer that made it tells. */
export interface ApiKey extends KeyLimits {
  readonly id: string;
  readonly name: string;
  /** The beginning of the secret. */
  readonly prefix: string;
  readonly createdAt: Date;
  /** Right to the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

type NamedLimits = KeyLimits & { readonly name: string };

/** What is left out stays. */
export type KeyChange = { readonly [Field in keyof NamedLimits]?: NamedLimits[Field] | undefined };

/** A key that is asked for. What is left out is as with the key that makes it; without limit where the operator does. */
export type NewKey = KeyChange & Pick<NamedLimits, 'name' | 'scopes'>;

/** Who makes, changes or revokes a key: the id of an API key, or what is no key. */
export type Actor = { readonly apiKeyId: string } | 'command line' | 'start';

export type AuditAction = 'key.created' | 'key.changed' | 'key.revoked';

/** What somebody did to a key. */
export interface AuditEntry {
  readonly at: Date;
  /** As in `Actor`; a key by its id. */
  readonly by: string;
  readonly action: AuditAction;
  /** What was set; for a change, what it was and what it is. */
  readonly changes: Readonly<Record<string, unknown>>;
}
