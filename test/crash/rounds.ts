import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/engine.js';
import { addAudience } from '../support/audience.js';
import { Program } from '../support/program.js';
import { startRedis } from '../support/redis.js';
import { faults, type Fault, type Scene } from './faults.js';
import { RecordingSmtp } from './recording-smtp.js';
import { SmallDisk } from './small-disk.js';

export interface Round {
  readonly fault: string;
  readonly recipients: number;
  /** Neither arrived nor accounted for as failed, skipped or unknown. */
  readonly lost: number;
  /** Arrived more than once. */
  readonly twice: number;
  readonly unknown: number;
  readonly unknownAtMost: number;
  readonly openConnections: number;
  readonly seconds: number;
  /** What does not add up, in words. */
  readonly problems: string[];
}

export interface CrashOptions {
  readonly rounds: number;
  readonly recipients: number;
  readonly redis: boolean;
  /** Faults to draw from, by name; all that fit when left out. */
  readonly only?: (fault: Fault) => boolean;
  readonly onRound?: (round: Round) => void;
  /** A fault that can not be had on this machine, and why. */
  readonly onSkipped?: (fault: Fault, why: string) => void;
}

const CONNECTIONS = 5;
/** Four lanes with the longest turn each. */
const CLAIMED = 1_000;
/** A lease without a journal ends after three minutes. */
const PATIENCE_MS = 300_000;

/** Blasts under faults, one a round, against the program as an operator starts it. */
export async function crashRounds(options: CrashOptions): Promise<Round[]> {
  const smtp = new RecordingSmtp(4);
  await smtp.start();
  const redis = options.redis ? await startRedis() : undefined;
  const disk = await SmallDisk.mount();
  const dataDir = await mkdtemp(join(tmpdir(), 'postrider-program-'));
  if (typeof disk !== 'string') disk.putAt(join(dataDir, 'journal'));
  const program = await Program.start({
    DATA_DIR: dataDir,
    SMTP_URL: smtp.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    MAIL_FROM: 'Shop <news@shop.example>',
    LOG_LEVEL: 'error',
    ...(redis && { REDIS_URL: redis.url }),
  });
  const { recipients } = options;
  const scene: Scene = { program, smtp, redis, disk, recipients, connections: CONNECTIONS, claimed: CLAIMED };
  const wanted = faults.filter(
    (fault) => (!fault.needsRedis || options.redis) && (options.only?.(fault) ?? true),
  );
  const fitting = wanted.filter((fault) => !fault.needsDisk || typeof disk !== 'string');
  for (const fault of wanted) {
    if (fault.needsDisk && typeof disk === 'string') options.onSkipped?.(fault, disk);
  }
  const rounds: Round[] = [];
  try {
    await program.call('POST', '/v1/lists', { slug: 'news', name: 'News' });
    await addAudience(program.databaseUrl, recipients);
    for (let index = 0; index < options.rounds; index += 1) {
      const fault = fitting[index % fitting.length];
      if (!fault) break;
      const round = await oneRound(scene, fault);
      rounds.push(round);
      options.onRound?.(round);
    }
  } finally {
    await program.remove();
    await redis?.stop();
    await smtp.stop();
    if (typeof disk !== 'string') await disk.unmount();
  }
  return rounds;
}

async function oneRound(scene: Scene, fault: Fault): Promise<Round> {
  const { program, smtp, recipients } = scene;
  smtp.forget();
  const began = Date.now();
  const campaign = { name: fault.name, subject: fault.name, lists: ['news'], content: 'Hello' };
  const { id } = (await program.call('POST', '/v1/campaigns', campaign)).body;
  await program.call('POST', `/v1/campaigns/${id}/send`);
  const moment = Math.floor(recipients * (0.05 + 0.8 * Math.random()));
  await eventually(async () => smtp.count >= moment, 60_000);
  const openConnections = smtp.open;
  const meanwhile = (await fault.strike(scene)) ?? [];
  const counts = await eventually(async () => {
    const answer = await program.call('GET', `/v1/campaigns/${id}`).catch(() => undefined);
    return answer?.body.state === 'finished' && answer.body.counts;
  }, PATIENCE_MS);
  const round = judge(scene, fault, counts, openConnections, (Date.now() - began) / 1000);
  round.problems.push(...meanwhile);
  // What the program itself said about it.
  if (round.problems.length > 0) round.problems.push(program.output.slice(-3_000));
  return round;
}

type Counts = Record<
  'recipients' | 'queued' | 'sending' | 'deferred' | 'sent' | 'failed' | 'skipped' | 'unknown',
  number
>;

function judge(scene: Scene, fault: Fault, counts: Counts, openConnections: number, seconds: number): Round {
  const { taken } = scene.smtp;
  const { recipients, sent, failed, skipped, unknown } = counts;
  const twice = [...taken.values()].filter((times) => times > 1).length;
  const lost = Math.max(0, recipients - taken.size - failed - skipped - unknown);
  const unknownAtMost = fault.unknownAtMost(scene);
  const problems = [
    sent + failed + skipped + unknown !== recipients && `the counts do not add up: ${JSON.stringify(counts)}`,
    failed + skipped > 0 && `${failed} failed and ${skipped} were skipped, though nobody was refused`,
    sent > taken.size && `${sent} are called sent, ${taken.size} arrived`,
    taken.size > sent + unknown && `${taken.size} arrived, ${sent} are called sent and ${unknown} unknown`,
    lost > 0 && `${lost} are lost`,
    twice > 0 && `${twice} got it twice`,
    unknown > unknownAtMost && `${unknown} are unknown, at most ${unknownAtMost} may be`,
  ].filter((problem) => problem !== false);
  return {
    fault: fault.name,
    recipients,
    lost,
    twice,
    unknown,
    unknownAtMost,
    openConnections,
    seconds,
    problems,
  };
}
