import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../domain/index.js';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { KeyRing } from './key-ring.js';
import { seal, unseal } from './seal.js';
import { LinkTokens } from './tokens.js';

const secret = createSecretKey(randomBytes(32));

describe('sealing', () => {
  test('opens with its key, and with no bit changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, where) => {
        const plain = Buffer.from(bytes);
        const sealed = seal(secret, plain);
        expect(unseal(secret, sealed)).toEqual(plain);
        const changed = Buffer.from(sealed);
        const at = where % changed.length;
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(unseal(secret, changed)).toBeUndefined();
      }),
    );
    expect(unseal(createSecretKey(randomBytes(32)), seal(secret, Buffer.from('x')))).toBeUndefined();
  });

  test('never uses a nonce twice', () => {
    const nonces = Array.from({ length: 5_000 }, () => seal(secret, Buffer.alloc(0)).toString('hex', 0, 12));
    expect(new Set(nonces).size).toBe(nonces.length);
  });
});

describe('keys and tokens', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  test('many starts at once make one key for each purpose', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => KeyRing.load(database.db, secret)));
    const [first, ...others] = rings;
    const sealed = first?.seal('content', Buffer.from('hello')) ?? Buffer.alloc(0);
    for (const ring of others) expect(ring.unseal('content', sealed)?.toString()).toBe('hello');
    expect(first?.unseal('token', sealed)).toBeUndefined();
  });

  test('another SECRET_KEY is refused in words', async () => {
    await expect(KeyRing.load(database.db, createSecretKey(randomBytes(32)))).rejects.toThrow(
      /^SECRET_KEY: /,
    );
  });

  test('a token opens one door, and none when it is cut, changed or made up', async () => {
    const tokens = new LinkTokens(await KeyRing.load(database.db, secret));
    const subject = newId();
    const token = tokens.make('unsubscribe', subject, 42);
    expect(token).toMatch(/^[\w-]+$/);
    expect(tokens.read(token, 'unsubscribe')).toEqual({ purpose: 'unsubscribe', subject, delivery: 42 });
    expect(tokens.read(token, 'confirm')).toBeUndefined();
    expect(tokens.read(token.slice(0, -2), 'unsubscribe')).toBeUndefined();
    expect(tokens.read('', 'unsubscribe')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => expect(tokens.read(text, 'unsubscribe')).toBeUndefined()));
    expect(tokens.read(tokens.make('confirm', subject), 'confirm')?.delivery).toBeNull();
  });
});
