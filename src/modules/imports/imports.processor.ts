import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { ImportRun } from './import-run.service.js';
import { Imports } from './imports.service.js';

@Handles('imports', { concurrency: 1 })
export class ImportsProcessor extends JobHandler<'imports'> {
  readonly queue = 'imports';

  constructor(
    private readonly imports: Imports,
    private readonly importRun: ImportRun,
  ) {
    super();
  }

  async handle({ importId }: QueuePayload<'imports'>): Promise<void> {
    await this.importRun.run(importId);
  }

  async due(): Promise<QueuePayload<'imports'>[]> {
    return (await this.imports.due()).map((importId) => ({ importId }));
  }
}
