import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { needsSmtpUtf8 } from '../../../domain/index.js';
import { loadConfig } from '../../../platform/config/index.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { fromBase32, toBase32 } from '../../../platform/crypto/base32.js';
import { BounceAddresses, type DeliveryRef } from './bounce-addresses.js';
import { EnvelopeSenders, type EnvelopeMode } from './envelope-senders.js';

const secret = createSecretKey(randomBytes(32));
let database: TestDatabase;
let addresses: BounceAddresses;

const ring = () => KeyRing.load(database.db, secret);
const anyDelivery = fc.record({
  bucket: fc
    .tuple(fc.integer({ min: 2024, max: 2199 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => `${year}-${String(month).padStart(2, '0')}-01`),
  id: fc.oneof(fc.nat(), fc.maxSafeNat()),
});
const someDelivery: DeliveryRef = { bucket: '2026-11-01', id: 123_456_789 };

beforeAll(async () => {
  database = await testDatabase();
  addresses = new BounceAddresses(await ring());
});

afterAll(() => database.drop());

describe('the local part of a delivery', () => {
  test('names it, in lower case, within 64 octets, and is read in any case', () => {
    fc.assert(
      fc.property(anyDelivery, fc.func(fc.boolean()), (delivery, isUpper) => {
        const local = addresses.make(delivery);
        expect(local).toMatch(/^bounce-[a-z2-7]+$/);
        expect(local).toHaveLength(43);
        expect(addresses.read(local)).toEqual(delivery);
        const mixed = local.replaceAll(/[a-z]/g, (letter) =>
          isUpper(letter) ? letter.toUpperCase() : letter,
        );
        expect(addresses.read(mixed)).toEqual(delivery);
      }),
    );
  });

  test('says nothing when a letter of it is changed, gone, or too many', () => {
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'.split(''));
    fc.assert(
      fc.property(anyDelivery, fc.nat(35), letter, (delivery, at, other) => {
        const local = addresses.make(delivery);
        const place = 'bounce-'.length + at;
        fc.pre(local[place] !== other);
        expect(addresses.read(local.slice(0, place) + other + local.slice(place + 1))).toBeUndefined();
        expect(addresses.read(local.slice(0, place) + local.slice(place + 1))).toBeUndefined();
        expect(addresses.read(local.slice(0, place) + other + local.slice(place))).toBeUndefined();
      }),
    );
  });

  test('can not be made up', async () => {
    fc.assert(fc.property(fc.string(), (text) => expect(addresses.read(text)).toBeUndefined()));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 22, maxLength: 22 }), (bytes) => {
        expect(addresses.read(`bounce-${toBase32(Buffer.from(bytes))}`)).toBeUndefined();
      }),
    );
    const elsewhere = await testDatabase();
    const other = new BounceAddresses(await KeyRing.load(elsewhere.db, secret));
    expect(addresses.read(other.make(someDelivery))).toBeUndefined();
    await elsewhere.drop();
  });

  test('can not be signed with a key of another purpose', async () => {
    const keys = await ring();
    const bytes = fromBase32(addresses.make(someDelivery).slice('bounce-'.length));
    const token = keys.signer('token');
    const octets = Buffer.from(bytes?.subarray(0, 12) ?? []);
    octets.writeUInt16BE(token.keyId, 1);
    const forged = Buffer.concat([octets, token.sign(octets).subarray(0, 10)]);
    expect(addresses.read(`bounce-${toBase32(forged)}`)).toBeUndefined();
  });

  test('outlives its key', async () => {
    const before = addresses.make(someDelivery);
    // A key is used when it is a minute old.
    const aMinutePasses = () =>
      database.db
        .updateTable('keys')
        .set({ created_at: new Date(0) })
        .execute();
    await aMinutePasses();
    await (await ring()).rotate('bounce');
    await aMinutePasses();
    const rotated = new BounceAddresses(await ring());
    expect(rotated.make(someDelivery)).not.toBe(before);
    expect(rotated.read(before)).toEqual(someDelivery);
    expect(rotated.read(rotated.make(someDelivery))).toEqual(someDelivery);
  });

  test('refuses what it could not name', () => {
    expect(() => addresses.make({ ...someDelivery, id: -1 })).toThrow(/out of range/);
    expect(() => addresses.make({ ...someDelivery, id: 2 ** 57 })).toThrow(/out of range/);
    expect(() => addresses.make({ bucket: '1999-01-01', id: 1 })).toThrow(/out of range/);
  });
});

test('base 32 is one to one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(fromBase32(toBase32(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
  // RFC 4648 §10
  expect(toBase32(Buffer.from('foobar'))).toBe('mzxw6ytboi');
  // Bits that belong to no octet are not there twice.
  expect([fromBase32('my'), fromBase32('mz'), fromBase32('m'), fromBase32('m1')]).toEqual([
    Buffer.from('f'),
    undefined,
    undefined,
    undefined,
  ]);
});

describe('the envelope sender', () => {
  const sender = { fromAddress: 'news@shop.example' };
  const senders = (env: Record<string, string>) =>
    new EnvelopeSenders(loadConfig(env, '/dev/null'), addresses);
  const bounces = { BOUNCE_DOMAIN: 'bounces.shop.example' };

  test.each<[Record<string, string>, EnvelopeMode, RegExp]>([
    [bounces, 'verp', /^bounce-[a-z2-7]{36}@bounces\.shop\.example$/],
    [bounces, 'fixed', /^bounces@bounces\.shop\.example$/],
    [{}, 'verp', /^news@shop\.example$/],
    [{}, 'fixed', /^news@shop\.example$/],
  ])('with %j and %s', (env, mode, expected) => {
    const address = senders(env).envelopeSender(sender, someDelivery, mode);
    expect(address).toMatch(expected);
    expect(address.length).toBeLessThanOrEqual(254);
    expect(needsSmtpUtf8(address)).toBe(false);
  });

  test('leads back to the delivery', () => {
    const [local = ''] = senders(bounces).envelopeSender(sender, someDelivery, 'verp').split('@');
    expect(addresses.read(local)).toEqual(someDelivery);
  });
});
