import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../src/domain/index.js';
import { Journal, orphanedJournals, type JournalRecord } from '../../src/modules/delivery/journal.js';
import { settlementOf, type Settlement } from '../../src/modules/delivery/settlement.js';
import { SmallDisk } from '../crash/small-disk.js';
import { Engine, eventually } from '../support/engine.js';
import { Sink } from '../support/sink.js';

const PAGE = 4096;
let disk: SmallDisk | string;

beforeAll(async () => {
  disk = await SmallDisk.mount();
  // oxlint-disable-next-line no-console
  if (typeof disk === 'string') console.warn(`Full disks are not tested here: ${disk}`);
});

afterAll(async () => {
  if (typeof disk !== 'string') await disk.unmount();
});

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'postrider-full-'));
  if (typeof disk !== 'string') disk.putAt(join(dataDir, 'journal'));
});
afterEach(() => {
  const folder = join(dataDir, 'journal');
  if (typeof disk !== 'string') for (const name of readdirSync(folder)) rmSync(join(folder, name));
  rmSync(dataDir, { recursive: true });
});

describe('the journal on a disk that is full', () => {
  const accepted = (id: number, text: string): Settlement =>
    settlementOf(
      { id, stream: 'news', tries: 0, ageMs: 0 },
      { kind: 'accepted', reply: { code: 250, enhanced: null, text }, relayId: null },
      'default',
      0,
    );

  /** A journal whose last page has so many octets left. */
  function journalWithRoom(room: number): { journal: Journal; file: string } {
    const token = newId();
    const folder = join(dataDir, 'journal');
    const journal = Journal.open(folder, { token, bucket: '2026-11-01', relay: 'main' });
    const file = join(folder, `${token}.journal`);
    const size = () => readFileSync(file).length;
    const line = (octets: number) => JSON.stringify(accepted(1, 'x'.repeat(octets))).length + 'S \n'.length;
    const pad = (octets: number) => {
      journal.settled(accepted(1, 'x'.repeat(octets)));
      journal.flush();
    };
    while (PAGE - (size() % PAGE) - room > 2 * line(0)) pad(0);
    pad(PAGE - (size() % PAGE) - room - line(0));
    expect(PAGE - (size() % PAGE)).toBe(room === 0 ? PAGE : room);
    return { journal, file };
  }

  /** What the next process reads of it. */
  function replay(file: string): JournalRecord {
    const [head = '', ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      [JSON.stringify({ ...JSON.parse(head), began: 'another process' }), ...rest].join('\n'),
    );
    const record = orphanedJournals(join(dataDir, 'journal'), 0).find((one) => one.file === file);
    if (!record) throw new Error('The journal is not found');
    return record;
  }

  test('has an intent whole, or says that it has not; and what comes later, when there is room again', () => {
    if (typeof disk === 'string') return;
    for (let room = 0; room <= 'I 12345678\n'.length + 1; room += 1) {
      const { journal, file } = journalWithRoom(room);
      disk.fill();
      let noted = true;
      try {
        journal.intent(12_345_678);
      } catch {
        noted = false;
      }
      disk.free();
      journal.intent(9);
      journal.settled(accepted(9, 'Ok'));
      journal.flush();
      journal.leave();
      const { intents, settled } = replay(file);
      // Handed over is only what was noted; a mail that left without a trace would go out twice.
      expect([room, intents.has(12_345_678)]).toEqual([room, noted]);
      expect([room, intents.has(9), settled.get(9)?.state]).toEqual([room, true, 'sent']);
      rmSync(file);
    }
  });

  test('is not begun, or is whole', () => {
    if (typeof disk === 'string') return;
    disk.fill();
    expect(() =>
      Journal.open(join(dataDir, 'journal'), { token: newId(), bucket: '2026-11-01', relay: 'main' }),
    ).toThrow(/ENOSPC/);
    disk.free();
    expect(orphanedJournals(join(dataDir, 'journal'), 0)).toEqual([]);
  });
});

test('a blast waits while the disk is full, and goes on when there is room again', async () => {
  if (typeof disk === 'string') return;
  const full = disk;
  const sink = await Sink.start({ delayMs: 10 });
  const engine = await Engine.start({ smtpUrl: sink.url, dataDir });
  const { listId, addresses } = await engine.audience('news', 400);
  const id = await engine.blast(listId);
  await sink.until(() => sink.mails.length > 50);
  full.fill();
  const more = setInterval(() => full.fill(), 10);
  // What is in hand goes: an open journal has room to the end of its page.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const waiting = sink.mails.length;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(sink.mails).toHaveLength(waiting);
  expect(waiting).toBeLessThan(400);
  const { recipients, ...states } = await engine.counts(id);
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(recipients);
  clearInterval(more);
  full.free();
  await eventually(async () => (await engine.batchState(id)) === 'finished');
  expect(await engine.counts(id)).toMatchObject({ recipients: 400, sent: 400, unknown: 0, failed: 0 });
  expect(sink.mails.map(({ to }) => to).sort()).toEqual([...addresses].sort());
  await engine.stop();
  await sink.stop();
});
