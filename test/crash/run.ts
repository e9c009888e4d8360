/**
 * Crash rounds: npm run crash -- [--rounds 20] [--recipients 1500] [--redis] [--only WORDS]
 * A shop's order events: npm run crash -- --orders [--mails 1000] [--clients 50] [--redis]
 * Prints a line a round and a report; the exit code is 1 when anything does not add up, and when no round was run.
 */
import { parseArgs } from 'node:util';
import { crashOrders } from './orders.js';
import { report } from './orders-report.js';
import { crashRounds, type Round } from './rounds.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    recipients: { type: 'string', default: '1500' },
    redis: { type: 'boolean', default: false },
    only: { type: 'string' },
    orders: { type: 'boolean', default: false },
    mails: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '50' },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.orders) {
  const { mails, clients, redis } = values;
  const round = await crashOrders({ mails: Number(mails), clients: Number(clients), redis });
  for (const line of report(round, redis)) print(line);
  process.exit(round.problems.length + round.putOff > 0 || round.mails !== Number(mails) ? 1 : 0);
}
const sum = (rounds: readonly Round[], pick: (round: Round) => number): number =>
  rounds.reduce((total, round) => total + pick(round), 0);

const skipped: string[] = [];
const rounds = await crashRounds({
  rounds: Number(values.rounds),
  recipients: Number(values.recipients),
  redis: values.redis,
  only: (fault) => fault.name.includes(values.only ?? ''),
  onSkipped: ({ name }, why) => {
    skipped.push(name);
    print(`skip ${name}: ${why}`);
  },
  onRound: (round) => {
    const { fault, recipients, lost, twice, unknown, unknownAtMost, openConnections, seconds, problems } =
      round;
    const numbers = `of ${recipients} lost ${lost}, twice ${twice}, unknown ${unknown} (of ${unknownAtMost} allowed), ${openConnections} open at the fault`;
    print(`${problems.length === 0 ? 'ok  ' : 'BAD '} ${fault}: ${numbers}, ${seconds.toFixed(0)} s`);
    for (const problem of problems) print(`       ${problem}`);
  },
});

print('');
print(`queue          ${values.redis ? 'Redis' : 'PostgreSQL'}`);
print(`rounds         ${rounds.length}`);
print(`recipients     ${sum(rounds, (round) => round.recipients)}`);
print(`lost           ${sum(rounds, (round) => round.lost)}`);
print(`twice          ${sum(rounds, (round) => round.twice)}`);
print(`unknown        ${sum(rounds, (round) => round.unknown)}`);
print(`open at kill   ${sum(rounds, (round) => round.openConnections)}`);
if (skipped.length > 0) print(`skipped        ${skipped.length} faults, see above`);
process.exit(rounds.length === 0 || rounds.some((round) => round.problems.length > 0) ? 1 : 0);
