import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRelay } from '../../src/modules/delivery/smtp/relay-settings.js';
import { PipelinedCourier } from '../../src/modules/delivery/smtp/pipelined-courier.js';
import { RFC5321_TIMEOUTS } from '../../src/modules/delivery/smtp/timeouts.js';
import { sendInTurn } from '../support/couriers.js';
import { ScriptedSmtp, type SmtpMoment } from '../support/scripted-smtp.js';

/** What a relay may do at any moment, as often as it likes; undefined is the right thing. */
const deeds = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'drop',
      'silence',
      '421 4.3.2 Shutting down',
      '450 4.2.0 Greylisted',
      '503 5.5.1 Bad sequence',
      '550-5.1.1 No such user\r\n550 5.1.1 at all',
      `554 ${'no '.repeat(300)}`,
    ),
  },
);

/** What puts replies and commands out of step. Once a run: twice could add up to a dialogue that nobody can tell from a right one. */
const nonsense = fc.constantFrom(
  '250 Ok',
  '354 go',
  '250-Ok\r\n550 No',
  'What?',
  'x'.repeat(70_000),
  '+250 Ok',
  '+421 4.3.2 Shutting down',
);

const moments: SmtpMoment[] = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'part', 'body', 'RSET', 'QUIT'];
const usual: Partial<Record<SmtpMoment, string>> = { DATA: '354 go' };

const runs = fc.record({
  pipelining: fc.boolean(),
  together: fc.boolean(),
  deeds: fc.array(deeds, { minLength: 1, maxLength: 40 }),
  folly: fc.record({ moment: fc.constantFrom(...moments), count: fc.nat({ max: 4 }), reply: nonsense }),
  mails: fc.array(fc.constantFrom(100, 1_000, 300_000), { minLength: 1, maxLength: 6 }),
  connections: fc.integer({ min: 1, max: 3 }),
});

const QUICK = { greeting: 40, signIn: 40, mail: 40, rcpt: 40, data: 40, block: 40, finalDot: 40, quit: 40 };

test('whatever a relay does: a result for every mail, and no result that the relay did not cause', async () => {
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(runs, async ({ pipelining, together, deeds, folly, mails, connections }) => {
      /** What was answered after the final dot of each mail. */
      const answers = new Map<string, string[]>();
      let step = 0;
      let follies = folly.count;
      const decide = (moment: SmtpMoment): string | undefined => {
        if (moment === 'part') return deeds[step++ % deeds.length] === 'drop' ? 'drop' : undefined;
        if (moment !== folly.moment || follies-- !== 0) return deeds[step++ % deeds.length];
        return folly.reply.startsWith('+')
          ? `${usual[moment] ?? '250 Ok'}\r\n${folly.reply.slice(1)}`
          : folly.reply;
      };
      const relay = await ScriptedSmtp.start(
        (moment, line) => {
          const reply = decide(moment);
          const id = /^Subject: (\w+)/.exec(line)?.[1];
          if (moment === 'body' && id !== undefined) {
            answers.set(id, [...(answers.get(id) ?? []), reply ?? '250 Ok']);
          }
          return reply;
        },
        { offers: pipelining ? ['PIPELINING'] : [], pace: together ? 'together' : 'each' },
      );
      const settings = readRelay(relay.url, { connections, helloName: 'shop.example' });
      const courier = new PipelinedCourier(settings, { ...RFC5321_TIMEOUTS, ...QUICK });
      try {
        const raws = mails.map((octets, index) => ({
          index,
          raw: Buffer.from(`Subject: mail${index}\r\n\r\n${'.x\r\n'.repeat(octets / 4)}`),
        }));
        const lanes = Array.from({ length: connections }, (_, lane) =>
          raws.filter(({ index }) => index % connections === lane),
        );
        // It checks that the hand-over was noted before `accepted` and `unknown`, once, and not before `unreached`.
        const results = await Promise.all(
          lanes.map(async (lane) => {
            const sent = await sendInTurn(courier, lane);
            return sent.map(({ kind }, place) => ({ kind, index: lane[place]?.index }));
          }),
        );
        for (const { index, kind } of results.flat()) {
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          const said = answers.get(`mail${index}`) ?? [];
          expect(said.length).toBeLessThanOrEqual(1);
          const yes = said[0]?.startsWith('250') ?? false;
          if (kind === 'accepted') expect(yes).toBe(true);
          if (kind === 'unreached') expect(said).toEqual([]);
          if (kind === 'refused') expect(yes).toBe(false);
        }
      } finally {
        await courier.close();
        await relay.stop();
      }
    }),
    { numRuns: 150 },
  );
  // A run that sees one kind only would prove nothing.
  expect(Array.from(kinds.keys()).sort()).toEqual(['accepted', 'refused', 'unknown', 'unreached']);
});
