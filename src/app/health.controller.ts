import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { sql } from 'kysely';
import { installProof, isNonce } from '../modules/doctor/index.js';
import { KeyRing } from '../platform/crypto/index.js';
import { Database } from '../platform/database/index.js';
import { ApiError, notFound, Public } from '../platform/http/index.js';
import { WakeUps, within } from '../platform/queue/index.js';

const PATIENCE_MS = 2_000;

/** For load balancers and people at night: `live` says the process runs, `ready` that it can do its work. */
@ApiExcludeController()
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly db: Database,
    private readonly wakeUps: WakeUps,
    private readonly keys: KeyRing,
  ) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** Proves to `postrider doctor` that PUBLIC_URL leads to this install and no other: only its keys give this answer. */
  @Get('install/:nonce')
  install(@Param('nonce') nonce: string): { proof: string } {
    if (!isNonce(nonce)) throw notFound('nonce', nonce);
    return { proof: installProof(this.keys, nonce) };
  }

  @Get('ready')
  async ready(): Promise<{ status: string }> {
    const problems = (
      await Promise.all([
        problemOf('database', sql`SELECT 1`.execute(this.db)),
        problemOf('queue', this.wakeUps.queue('orders').getJobCountByTypes('waiting')),
      ])
    ).filter((problem) => problem !== undefined);
    if (problems.length > 0) {
      const names = problems.map(({ field }) => field).join(' and ');
      throw new ApiError(503, 'not_ready', `No answer from the ${names}`, problems, 5);
    }
    return { status: 'ok' };
  }
}

async function problemOf(
  field: string,
  check: Promise<unknown>,
): Promise<{ field: string; message: string } | undefined> {
  try {
    await within(PATIENCE_MS, check);
    return undefined;
  } catch (error) {
    return { field, message: (error as Error).message };
  }
}
