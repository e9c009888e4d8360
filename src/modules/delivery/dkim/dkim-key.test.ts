import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { dkimAlgorithms, dnsRecord, makeDkimKey, readDkimKey } from './dkim-key.js';

test('the record of an RSA key comes in strings of at most 255 octets', async () => {
  const privateKey = readDkimKey('rsa-sha256', await makeDkimKey('rsa-sha256'));
  const { name, strings } = dnsRecord({
    domain: 'shop.example',
    selector: 's1',
    algorithm: 'rsa-sha256',
    privateKey,
  });
  expect(name).toBe('s1._domainkey.shop.example');
  expect(strings.map((part) => part.length)).toEqual([255, 155]);
  const [, key = ''] = /^v=DKIM1; k=rsa; p=([\w+/]+=*)$/.exec(strings.join('')) ?? [];
  const read = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  expect(read.equals(createPublicKey(privateKey))).toBe(true);
});

test('the record of RFC 8463 appendix A', () => {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', 'base64'),
  ]);
  const privateKey = readDkimKey('ed25519-sha256', der);
  const key = {
    domain: 'football.example.com',
    selector: 'brisbane',
    algorithm: 'ed25519-sha256',
    privateKey,
  } as const;
  expect(dnsRecord(key)).toEqual({
    name: 'brisbane._domainkey.football.example.com',
    strings: ['v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='],
  });
});

test('a key of another kind, or a short one, is refused', async () => {
  for (const [made, read] of [dkimAlgorithms, dkimAlgorithms.toReversed()]) {
    const der = await makeDkimKey(made);
    expect(() => readDkimKey(read, der)).toThrow('no DKIM key');
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const short = privateKey.export({ type: 'pkcs8', format: 'der' });
  expect(() => readDkimKey('rsa-sha256', short)).toThrow('RSA needs 2048 bits');
});
