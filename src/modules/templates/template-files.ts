import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { Database, type Executor } from '../../platform/database/index.js';
import { checksumOf, templateNames } from './builtin-templates.js';
import { readOwnShared, readOwnTemplate, sourceOf } from './own-templates.js';
import { TemplateRevisionsRepository } from './template-revisions.repository.js';
import { Templates } from './templates.service.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * TEMPLATES_DIR: mails that an operator keeps as files. A folder that has changed since the last start is checked, and live where it is
 * good; where it is not, the log says why and what was live stays. A folder that is gone gives its place back to the mail that
 * comes with Postrider.
 */
@Injectable()
export class TemplateFiles implements OnApplicationBootstrap {
  private readonly logger = new Logger('Templates');

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly templates: Templates,
    private readonly repository: TemplateRevisionsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const dir = this.config.env.TEMPLATES_DIR;
    await this.db.work(async ({ trx }) => {
      await this.repository.lockFiles(trx);
      const names = dir === undefined ? [] : await templateNames(dir).catch(refuseFolder);
      for (const name of names) await this.take(trx, dir ?? '', name);
      for (const row of await this.repository.fromFiles(trx)) {
        if (names.includes(row.name) || row.kind === 'own') continue;
        await this.repository.setFile(trx, row.id, null);
        await this.repository.publish(trx, row.id, null);
        this.logger.log(
          `${row.name}: its folder is gone, and the mail that comes with Postrider is live again`,
        );
      }
    });
  }

  private async take(trx: Executor, dir: string, name: string): Promise<void> {
    try {
      await this.takeChanged(trx, dir, name);
    } catch (error) {
      this.logger.error(`${join(dir, name)} is not used: ${(error as Error).message}`);
    }
  }

  private async takeChanged(trx: Executor, dir: string, name: string): Promise<void> {
    if (!NAME.test(name)) throw new Error('the name of a folder is made of a-z, 0-9 and -');
    if (name === 'news') throw new Error('the layout of newsletters comes with Postrider');
    const shipped = this.templates.builtin(name);
    const written = await readOwnTemplate(join(dir, name));
    const source = sourceOf(written, await readOwnShared(dir, this.templates.shared), shipped?.source);
    const checksum = checksumOf(source);
    const known = await this.repository.find(trx, name);
    if (known?.file_checksum === checksum) return;
    await this.templates.checkWhole(source, written.sample ?? {}, shipped);
    const templateId = known?.id ?? (await this.repository.add(trx, name)) ?? '';
    const sample = written.sample ?? null;
    const revision = await this.repository.addRevision(trx, {
      templateId,
      origin: 'file',
      checksum,
      source,
      sample,
    });
    await this.repository.publish(trx, templateId, revision.id);
    await this.repository.setFile(trx, templateId, checksum);
    this.logger.log(`${name}: live as it is in ${join(dir, name)}`);
  }
}

function refuseFolder(error: Error): never {
  throw new Error(`TEMPLATES_DIR cannot be read: ${error.message}`, { cause: error });
}
