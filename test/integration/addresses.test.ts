import { afterAll, beforeAll, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { Engine, eventually } from '../support/engine.js';
import { ScriptedSmtp } from '../support/scripted-smtp.js';

/** A relay that knows ASCII only: it offers no SMTPUTF8. */
let relay: ScriptedSmtp;
let engine: Engine;
const recipients: string[] = [];

beforeAll(async () => {
  relay = await ScriptedSmtp.start((moment, line) => {
    if (moment === 'RCPT') recipients.push(line);
    return undefined;
  });
  engine = await Engine.start({ smtpUrl: relay.url });
}, 60_000);

afterAll(async () => {
  await engine?.stop();
  await relay?.stop();
}, 60_000);

const settled = async (id: string) =>
  eventually(async () => {
    const delivery = (await engine.messages.find(id))?.deliveries[0];
    return delivery?.settledAt ? delivery : undefined;
  });

test('a domain outside ASCII is named by its A-labels, in the envelope and in the header (RFC 6531)', async () => {
  expect(await settled(await engine.send('Info@München.example'))).toMatchObject({ state: 'sent' });
  expect(recipients).toEqual(['RCPT TO:<Info@xn--mnchen-3ya.example>']);
  const { to } = await PostalMime.parse(relay.bodies[0] ?? '');
  expect(to?.[0]?.address).toBe('Info@xn--mnchen-3ya.example');
});

test('a local part outside ASCII is not sent to a server that does not take it', async () => {
  const failed = await settled(await engine.send('jörg@example.com'));
  expect(failed).toMatchObject({ state: 'failed', reply: expect.stringContaining('SMTPUTF8') });
  expect(recipients).toHaveLength(1);
});
