import { Injectable } from '@nestjs/common';
import type { Executor } from '../../platform/database/index.js';
import type { AttemptRow } from './webhooks.types.js';

export interface AttemptSearch {
  readonly limit: number;
  /** Id of the last one of the page before. */
  readonly after?: string | undefined;
  readonly delivered?: boolean | undefined;
}

@Injectable()
export class AttemptsRepository {
  /** The newest first. */
  async page(
    executor: Executor,
    endpointId: string,
    { limit, after, delivered }: AttemptSearch,
  ): Promise<AttemptRow[]> {
    return executor
      .selectFrom('webhook_attempts')
      .selectAll()
      .where('endpoint_id', '=', endpointId)
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .$if(delivered !== undefined, (query) => query.where('delivered', '=', delivered!))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }

  async byId(executor: Executor, endpointId: string, id: string): Promise<AttemptRow | undefined> {
    return executor
      .selectFrom('webhook_attempts')
      .selectAll()
      .where('id', '=', id)
      .where('endpoint_id', '=', endpointId)
      .executeTakeFirst();
  }
}
