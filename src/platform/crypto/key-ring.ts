import { createHmac, type KeyObject } from 'node:crypto';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database } from '../database/index.js';
import { keyPurposes, type KeyPurpose, type KeyStore, type StoredKey } from './key-store.js';
import { KeysRepository } from './keys.repository.js';
import { seal, unseal } from './seal.js';

/** HMAC-SHA256 under one key. */
export interface Signer {
  readonly keyId: number;
  readonly sign: (bytes: Buffer) => Buffer;
}

/** What stands in mails that people keep is good for so long after its key has retired, in years. What is stored opens for ever. */
const YEARS_IN_MAILS = 5;
const inMails: ReadonlySet<string> = new Set<KeyPurpose>(['token', 'leave']);

/** Every process looks for new keys, several times in the minute after which one is used. */
const LOOK_EVERY_MS = 20_000;
/** Whoever sends made-up tokens must not make us read the keys each time. */
const LEARN_EVERY_MS = 3_000;

/** A rotation that cannot be, in words for the operator. */
export class RotationError extends Error {}

/**
 * The keys of this install, unwrapped once. They are KeyObjects: an HMAC costs 8 µs with one and 42 µs with a Buffer.
 * Sealed data and tokens name their key's id, so that what an old key sealed opens after a rotation.
 */
export class KeyRing implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(KeyRing.name);
  private byId: ReadonlyMap<number, StoredKey> = new Map();
  private active: ReadonlyMap<string, StoredKey> = new Map();
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private readAt = 0;

  /** It is empty until the first `refresh`: see `load`. */
  constructor(private readonly store: KeyStore) {}

  /** Makes the keys that are missing, then reads all. @throws ConfigError when SECRET_KEY is not the one that wrapped them */
  static async load(db: Database, secretKey: KeyObject): Promise<KeyRing> {
    const keys = new KeysRepository(db, secretKey);
    await keys.ensure(keyPurposes);
    const ring = new KeyRing(keys);
    await ring.refresh();
    return ring;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.refresh().catch((error: Error) => this.logger.debug(`keys not read: ${error.message}`));
    }, LOOK_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.reading?.catch(() => undefined);
  }

  /** Reads the keys again, for what another process has made. */
  async refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  /**
   * Retires the key of a purpose and makes a new one, in the database. Within a minute and a half every process that runs seals with it;
   * the old one opens what it sealed (in mails: for 5 years).
   * @throws RotationError for the erasure key, and where the last rotation is still under way
   */
  async rotate(purpose: KeyPurpose): Promise<{ id: number; retired: number }> {
    if (purpose === 'erasure')
      throw new RotationError(
        'The erasure key never rotates: the hashes of erased addresses are made with it, and nobody could be recognised by a new one.',
      );
    const rotated = await this.store.replace(purpose);
    if (!rotated)
      throw new RotationError(
        `The ${purpose} key is less than a minute old: wait until all processes use it.`,
      );
    await this.refresh();
    return rotated;
  }

  /**
   * For sealed bytes that do not open: reads the keys again where they name one that this process does not know.
   * @returns whether it is worth another try
   */
  async learn(sealed: Buffer): Promise<boolean> {
    if (sealed.length < 2 || this.byId.has(sealed.readUInt16BE(0))) return false;
    if (Date.now() - this.readAt < LEARN_EVERY_MS) return false;
    await this.refresh();
    return this.byId.has(sealed.readUInt16BE(0));
  }

  /** Two bytes of key id, then the sealed bytes. */
  seal(purpose: KeyPurpose, plain: Buffer): Buffer {
    const { id, key } = this.current(purpose);
    const sealed = seal(key, plain, 2);
    sealed.writeUInt16BE(id);
    return sealed;
  }

  /** The plain bytes, or undefined when they were not sealed here for this purpose. */
  unseal(purpose: KeyPurpose, sealed: Buffer): Buffer | undefined {
    if (sealed.length < 2) return undefined;
    const key = this.known(purpose, sealed.readUInt16BE(0));
    return key && unseal(key.key, sealed.subarray(2));
  }

  sealJson(purpose: KeyPurpose, value: unknown): Buffer {
    return this.seal(purpose, Buffer.from(JSON.stringify(value)));
  }

  /** @throws when the bytes do not open: the row is damaged, or the key is gone */
  unsealJson(purpose: KeyPurpose, sealed: Buffer): unknown {
    const plain = this.unseal(purpose, sealed);
    if (!plain) throw new Error(`Sealed ${purpose} does not open with any key of this install`);
    return JSON.parse(plain.toString());
  }

  /** A keyed hash, such as the one that remembers an erased address. */
  hash(purpose: KeyPurpose, value: string): Buffer {
    return createHmac('sha256', this.current(purpose).key).update(value).digest();
  }

  /** Signs with the current key of a purpose. Its id goes with what is signed, so that it can be checked after a rotation. */
  signer(purpose: KeyPurpose): Signer {
    return signerWith(this.current(purpose));
  }

  /** The key that signed, current or retired; undefined when there is none of this purpose and id. */
  signerOf(purpose: KeyPurpose, keyId: number): Signer | undefined {
    const key = this.known(purpose, keyId);
    return key && signerWith(key);
  }

  private async read(): Promise<void> {
    this.readAt = Date.now();
    const keys = await this.store.all();
    const active = new Map<string, StoredKey>();
    for (const key of keys) {
      // A new key that has not settled leaves the place to the one before it.
      if (key.settled || !active.has(key.purpose)) active.set(key.purpose, key);
    }
    this.byId = new Map(keys.map((key) => [key.id, key]));
    this.active = active;
  }

  /** The key of this id, where it is of this purpose and may still open what it sealed. */
  private known(purpose: KeyPurpose, id: number): StoredKey | undefined {
    const key = this.byId.get(id);
    if (key?.purpose !== purpose) return undefined;
    if (key.retiredAt === null || !inMails.has(purpose)) return key;
    const end = new Date(key.retiredAt);
    end.setUTCFullYear(end.getUTCFullYear() + YEARS_IN_MAILS);
    return Date.now() < end.getTime() ? key : undefined;
  }

  private current(purpose: KeyPurpose): StoredKey {
    const key = this.active.get(purpose);
    if (!key) throw new Error(`There is no active key for ${purpose}`);
    return key;
  }
}

function signerWith({ id, key }: StoredKey): Signer {
  return { keyId: id, sign: (bytes) => createHmac('sha256', key).update(bytes).digest() };
}
