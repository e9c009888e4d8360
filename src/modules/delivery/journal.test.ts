import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newId } from '../../domain/index.js';
import { Journal, orphanedJournals, removeJournal } from './journal.js';
import { evidence } from './recovery.js';
import { settlementOf, type Claimed } from './settlement.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postrider-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const item = (id: number, stream: Claimed['stream'] = 'news'): Claimed => ({
  id,
  stream,
  tries: 0,
  ageMs: 0,
});
const accepted = (id: number) =>
  settlementOf(
    item(id),
    { kind: 'accepted', reply: { code: 250, enhanced: null, text: 'Ok' }, relayId: null },
    'default',
    0,
  );

const claim = (token = newId()) => ({ token, bucket: '2026-11-01', relay: 'main' });

/** Rewrites the header, as if another process, namespace or boot had written the file. */
function disown(change: Record<string, unknown>, except = 'none'): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(except)) continue;
    const file = join(folder, name);
    const [head = '', ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [JSON.stringify({ ...JSON.parse(head), ...change }), ...rest].join('\n'));
  }
}

const orphans = (leaseMs = 180_000) => orphanedJournals(folder, leaseMs);

test('a living writer keeps its journal; a finished one leaves nothing', () => {
  const journal = Journal.open(folder, claim());
  journal.intent(1);
  expect(orphans()).toEqual([]);
  journal.finish();
  expect(readdirSync(folder)).toEqual([]);
});

test('of a dead writer: a settlement is a result, an intent alone is unknown, no intent is proof of the contrary', () => {
  const journal = Journal.open(folder, claim());
  journal.intent(1);
  journal.settled(accepted(1));
  journal.intent(2);
  journal.leave();
  disown({ began: 'another process' });
  const [record] = orphans();
  if (!record) throw new Error('The journal is not found');
  expect(evidence(record, item(1))).toMatchObject({ move: 'accept', state: 'sent' });
  expect(evidence(record, item(2))).toMatchObject({ move: 'lose', state: 'unknown', relay: 'main' });
  expect(evidence(record, item(3))).toMatchObject({ move: 'release', state: 'queued' });
  // A receipt that may be lost goes out once more.
  expect(evidence(record, item(2, 'orders'))).toMatchObject({ move: 'lose', state: 'queued', delay: 0 });
  removeJournal(record);
  expect(orphans()).toEqual([]);
});

test('after a reboot only settlements prove anything', () => {
  const journal = Journal.open(folder, claim());
  journal.intent(1);
  journal.settled(accepted(1));
  journal.leave();
  disown({ boot: 'an earlier boot' });
  const [record] = orphans();
  if (!record) throw new Error('The journal is not found');
  expect(evidence(record, item(1)).state).toBe('sent');
  expect(evidence(record, item(2)).state).toBe('unknown');
});

test('a line that was cut by a full disk does not count', () => {
  const token = newId();
  const journal = Journal.open(folder, claim(token));
  journal.intent(1);
  journal.leave();
  appendFileSync(join(folder, `${token}.journal`), 'I 2');
  disown({ began: 'another process' });
  expect([...(orphans()[0]?.intents ?? [])]).toEqual([1]);
});

test('a settlement goes with the next intent, in one write', () => {
  const token = newId();
  const journal = Journal.open(folder, claim(token));
  const lines = () =>
    readFileSync(join(folder, `${token}.journal`), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
  journal.intent(1);
  journal.settled(accepted(1));
  expect(lines()).toEqual(['I 1']);
  journal.intent(2);
  expect(lines().map((line) => line.slice(0, 8))).toEqual(['I 1', 'S {"id":', 'I 2']);
  journal.settled(accepted(2));
  journal.flush();
  expect(lines()).toHaveLength(4);
});

test('the writer in another PID namespace cannot be asked: its journal waits for the end of the lease', () => {
  Journal.open(folder, claim()).leave();
  disown({ namespace: 'pid:[1]', began: 'unknown' });
  expect(orphans()).toEqual([]);
  expect(orphans(-1)).toMatchObject([{ writer: 'unseen' }]);
});

test('what a power cut has spoiled proves nothing, and keeps no other journal waiting', () => {
  const spoiled = newId();
  Journal.open(folder, claim(spoiled)).leave();
  writeFileSync(join(folder, `${spoiled}.journal`), '\0\0\0ken":"x"}\nI 1\n');
  const journal = Journal.open(folder, claim());
  journal.intent(1);
  journal.leave();
  disown({ began: 'another process' }, spoiled);
  appendFileSync(
    join(folder, readdirSync(folder).find((name) => !name.startsWith(spoiled)) ?? ''),
    'S {"id":\0\n',
  );
  expect(orphans()).toMatchObject([{ complete: false, settled: new Map() }]);
});
