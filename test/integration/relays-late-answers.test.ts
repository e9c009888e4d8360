import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { Engine, eventually } from '../support/engine.js';

/** A relay that takes its time for each answer: between an envelope and its body there are seconds in which people leave. */

const ANSWER_MS = 1_500;

let server: SMTPServer;
let engine: Engine;
/** Envelopes in the order in which they came, and mails in the order of their final dots. */
let announced: string[];
let mails: string[];
let whenAnnounced: (address: string) => Promise<void>;

beforeEach(async () => {
  announced = [];
  mails = [];
  whenAnnounced = async () => undefined;
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onMailFrom: (_address, _session, callback) => setTimeout(callback, ANSWER_MS / 10),
    onRcptTo: ({ address }, _session, callback) => {
      announced.push(address);
      const meanwhile = whenAnnounced(address);
      setTimeout(() => void meanwhile.finally(callback), ANSWER_MS);
    },
    onData: (stream, session, callback) => {
      stream.resume();
      stream.on('end', () => {
        mails.push(session.envelope.rcptTo[0]!.address);
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  engine = await Engine.start({ smtpUrl: `smtp://127.0.0.1:${port}?tls=off`, connections: 2 });
});

afterEach(async () => {
  await engine.stop();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function leave(address: string): Promise<void> {
  const { id } = await engine.db
    .selectFrom('people')
    .select('id')
    .where('canonical', '=', address)
    .executeTakeFirstOrThrow();
  await engine.db
    .updateTable('subscriptions')
    .set({ status: 'unsubscribed' })
    .where('person_id', '=', id)
    .execute();
}

test('who leaves while the envelope waits for its answer gets nothing, the others get theirs', async () => {
  const { listId, addresses } = await engine.audience('slow', 5);
  const gone = new Set([addresses[1]!, addresses[3]!]);
  whenAnnounced = async (address) => {
    if (gone.has(address)) await leave(address);
  };
  const batch = await engine.blast(listId);
  await eventually(async () => (await engine.batchState(batch)) === 'finished', 60_000);
  expect(announced).toEqual(expect.arrayContaining([...gone]));
  expect(mails.toSorted()).toEqual(addresses.filter((address) => !gone.has(address)));
  expect(await engine.counts(batch)).toMatchObject({ recipients: 5, sent: 3, skipped: 2, unknown: 0 });
});

test('a pause stops the wire within a second, although envelopes wait for their answer', async () => {
  const { listId, addresses } = await engine.audience('paused', 4);
  const batch = await engine.blast(listId);
  await eventually(async () => mails.length >= 1 && announced.length > mails.length);
  await engine.db.work((work) => engine.batches.pause(work, batch));
  await sleep(1_000);
  const atPause = mails.length;
  await sleep(ANSWER_MS * 2);
  expect(mails).toHaveLength(atPause);
  expect(await engine.counts(batch)).toMatchObject({ sent: atPause, sending: 0, queued: 4 - atPause });
  await engine.db.work((work) => engine.batches.resume(work, batch));
  await eventually(async () => (await engine.batchState(batch)) === 'finished', 60_000);
  expect(mails.toSorted()).toEqual(addresses);
  expect(await engine.counts(batch)).toMatchObject({ recipients: 4, sent: 4, unknown: 0 });
});
