import type { KeyObject } from 'node:crypto';

/** What a key is for. A key of one purpose never serves another. The erasure key never rotates. */
export const keyPurposes = [
  'token',
  'content',
  'erasure',
  'form',
  'dkim',
  'relay',
  'bounce',
  'leave',
  'ledger',
  'webhook',
  'install',
] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

export interface StoredKey {
  readonly id: number;
  readonly purpose: string;
  readonly key: KeyObject;
  readonly retiredAt: Date | null;
  /** Old enough for every process to know it. */
  readonly settled: boolean;
}

/** Where keys are kept, as far as the ring needs it. */
export interface KeyStore {
  /** The oldest first. */
  all(): Promise<StoredKey[]>;
  /** Retires the current key of a purpose and makes another; undefined where the current one has not settled yet. */
  replace(purpose: KeyPurpose): Promise<{ id: number; retired: number } | undefined>;
}
