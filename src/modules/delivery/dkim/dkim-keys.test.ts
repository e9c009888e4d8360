import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { KeyRing } from '../../../platform/crypto/index.js';
import { dkimCommand } from './dkim-command.js';
import { DkimKeysRepository } from './dkim-keys.repository.js';
import { DkimKeys, type DkimKey } from './dkim-keys.service.js';

let database: TestDatabase;
let keyRing: KeyRing;
let keys: DkimKeys;
let zone: Map<string, readonly string[]>;

const publish = ({ record }: DkimKey) => record && zone.set(record.name, record.strings);
const lookUp = async (name: string) => {
  const strings = zone.get(name);
  if (!strings) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  return [['v=spf1 -all'], [...strings]];
};
/** As another process, or this one some time later, sees it. */
const another = (lookUpTxt = lookUp) => new DkimKeys(new DkimKeysRepository(database.db), keyRing, lookUpTxt);
const selectors = (made: readonly { selector: string }[]) => made.map(({ selector }) => selector);
const signing = async (domain: string, seen = another()) => selectors(await seen.signersFor(domain));

beforeAll(async () => {
  database = await testDatabase();
  keyRing = await KeyRing.load(database.db, createSecretKey(randomBytes(32)));
});
afterAll(() => database.drop());
beforeEach(() => {
  zone = new Map();
  keys = another();
});

describe('the keys of a domain', () => {
  test('nobody signs where there are none', async () =>
    expect(await keys.signersFor('none.example')).toEqual([]));

  test('the first ones sign, RSA and Ed25519, whatever DNS says', async () => {
    const made = await keys.create('first.example');
    expect(made.map(({ algorithm }) => algorithm)).toEqual(['rsa-sha256', 'ed25519-sha256']);
    expect(await signing('first.example')).toEqual(selectors(made));
    expect(await signing('www.first.example')).toEqual([]);
  });

  test('are sealed in the database', async () => {
    const [rsa] = await keys.create('sealed.example');
    const { private_key: sealed } = await database.db
      .selectFrom('dkim_keys')
      .selectAll()
      .where('selector', '=', rsa?.selector ?? '')
      .executeTakeFirstOrThrow();
    const [signer] = await keys.signersFor('sealed.example');
    const plain = signer?.privateKey.export({ type: 'pkcs8', format: 'der' });
    expect(plain?.length).toBeGreaterThan(1_000);
    expect(sealed.includes(plain?.subarray(20, 60) ?? '')).toBe(false);
    expect(keyRing.unseal('dkim', sealed)).toEqual(plain);
    expect(keyRing.unseal('content', sealed)).toBeUndefined();
  });

  test('a new one signs from when DNS shows it, each algorithm by itself', async () => {
    const old = await keys.create('rotation.example');
    const [newRsa, newEd25519] = (await keys.create('rotation.example')) as [DkimKey, DkimKey];
    expect(await signing('rotation.example')).toEqual(selectors(old));
    publish(newRsa);
    expect(await signing('rotation.example')).toEqual([newRsa.selector, old[1]?.selector]);
    publish(newEd25519);
    expect(await signing('rotation.example')).toEqual([newRsa.selector, newEd25519.selector]);
  });

  test('another key under the same name is not the key', async () => {
    const old = await keys.create('wrong.example');
    const made = await keys.create('wrong.example');
    for (const { record } of made) if (record) zone.set(record.name, ['v=DKIM1; k=rsa; p=', 'AAAA']);
    expect(await signing('wrong.example')).toEqual(selectors(old));
  });

  test('a record may be written in another way', async () => {
    await keys.create('spaces.example');
    const made = await keys.create('spaces.example');
    for (const { record } of made)
      if (record)
        zone.set(
          record.name,
          record.strings.map((text) => text.replace('; p=', ';t=s;  p = ')),
        );
    expect(await signing('spaces.example')).toEqual(selectors(made));
  });

  test('while DNS does not answer, the one before goes on, and DNS is not asked for each mail', async () => {
    const old = await keys.create('silent.example');
    await keys.create('silent.example');
    let asked = 0;
    const seen = another(async () => {
      asked += 1;
      throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
    });
    for (let mail = 0; mail < 5; mail += 1)
      expect(await signing('silent.example', seen)).toEqual(selectors(old));
    expect(asked).toBe(2);
  });

  test('a retired one signs nothing, and its private key is gone', async () => {
    const [rsa, ed25519] = (await keys.create('retired.example')) as [DkimKey, DkimKey];
    expect(await keys.retire(rsa.selector)).toMatchObject({ domain: 'retired.example', record: null });
    expect(await keys.retire(rsa.selector)).toBeUndefined();
    expect(await signing('retired.example')).toEqual([ed25519.selector]);
    const { private_key: wiped } = await database.db
      .selectFrom('dkim_keys')
      .selectAll()
      .where('selector', '=', rsa.selector)
      .executeTakeFirstOrThrow();
    expect(wiped).toHaveLength(0);
  });

  test('of another install do not open', async () => {
    await keys.create('moved.example');
    const other = await testDatabase();
    const foreign = new DkimKeys(
      new DkimKeysRepository(database.db),
      await KeyRing.load(other.db, createSecretKey(randomBytes(32))),
      lookUp,
    );
    await expect(foreign.signersFor('moved.example')).rejects.toThrow(
      /The DKIM key pr-\S+ of moved\.example does not open/,
    );
    await other.drop();
  });
});

describe('postrider dkim', () => {
  test('create prints the records, a second time what to retire; list says who signs', async () => {
    const first = await dkimCommand(keys, ['create', 'München.example']);
    expect(first).toMatch(/^pr-\d{8}-\w{4}-rsa\._domainkey\.xn--mnchen-3ya\.example\. IN TXT \($/m);
    expect(first).toMatch(/^ {2}"v=DKIM1; k=ed25519; p=[\w+/]{43}=" \)$/m);
    expect(first).toContain('signed with them from now on');
    const old = selectors(await keys.list('xn--mnchen-3ya.example'));
    const second = await dkimCommand(keys, ['create', 'xn--mnchen-3ya.example']);
    for (const selector of old) expect(second).toContain(`postrider dkim retire ${selector}`);

    const state = (text: string, selector: string) =>
      text.split('\n').find((line) => line.includes(`  ${selector}  `));
    const [fresh = ''] = selectors(await keys.list('xn--mnchen-3ya.example'));
    const listed = await dkimCommand(another(), ['list', 'münchen.example']);
    expect(state(listed, old[0] ?? '')).toMatch(/ {2}signs$/);
    expect(state(listed, fresh)).toMatch(/waits until DNS shows its record$/);

    for (const key of await keys.list('xn--mnchen-3ya.example')) publish(key);
    const later = await dkimCommand(another(), ['list']);
    expect(state(later, fresh)).toMatch(/ {2}signs$/);
    expect(state(later, old[0] ?? '')).toMatch(/may be retired: a newer key signs$/);

    expect(await dkimCommand(keys, ['retire', old[0] ?? ''])).toMatch(
      /^Retired pr-\S+ of xn--mnchen-3ya\.example\./,
    );
    expect(state(await dkimCommand(another(), ['list']), old[0] ?? '')).toMatch(/retired \d{4}-\d\d-\d\d$/);
  });

  test('list where there is none', async () =>
    expect(await dkimCommand(keys, ['list', 'none.example'])).toContain(
      'There are no DKIM keys for none.example',
    ));

  test.each([
    [[], 'say what to do'],
    [['destroy'], 'there is no "dkim destroy"'],
    [['create'], 'say for which domain'],
    [['create', 'not a domain'], '"not a domain" is not a domain'],
    [['create', 'a.example', 'b.example'], '"b.example" is too much'],
    [['retire'], 'say which key'],
    [['retire', 'pr-none'], 'No active DKIM key has the selector pr-none'],
    [['list', 'a.example', 'b'], '"b" is too much'],
  ])('%j says what is wrong', async (argv, problem) => {
    await expect(dkimCommand(keys, argv)).rejects.toThrow(problem);
    await expect(dkimCommand(keys, argv)).rejects.toMatchObject({ name: 'UsageError' });
  });
});
