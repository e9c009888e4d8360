import { expect, test } from '@jest/globals';
import { Engine, eventually } from '../support/engine.js';
import { ScriptedSmtp } from '../support/scripted-smtp.js';

/** Longer than what consent says is taken for true. */
const STALE_MS = 450;

test('a probe whose mail is withdrawn at the last moment does not keep the relay closed', async () => {
  let greetings = 0;
  let forget: (() => Promise<unknown>) | undefined;
  const relay = await ScriptedSmtp.start((moment) => {
    if (moment === 'greeting') greetings += 1;
    if (moment === 'greeting' && greetings === 1) return '421 4.3.2 Too busy';
    // The first mail that comes through to DATA is the probe: its recipient is erased meanwhile.
    if (moment === 'EHLO') void forget?.();
    if (moment === 'DATA' && forget) {
      forget = undefined;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALE_MS);
    }
    return undefined;
  });
  const engine = await Engine.start({ smtpUrl: relay.url, connections: 1 });
  try {
    const stateOf = async (id: string) => (await engine.messages.find(id))?.deliveries[0]?.state;
    forget = () =>
      engine.db
        .updateTable('people')
        .set({ erased_at: new Date(), canonical: null, address: null, name: null })
        .execute();
    const withdrawn = await engine.send('probe@example.com');
    await eventually(async () => (await stateOf(withdrawn)) === 'skipped');
    expect(relay.commands.filter((command) => command === 'DATA')).toHaveLength(1);
    const next = await engine.send('next@example.com');
    await eventually(async () => (await stateOf(next)) === 'sent', 10_000);
  } finally {
    await engine.stop();
    await relay.stop();
  }
}, 40_000);
