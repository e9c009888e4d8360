import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { PersonalDataRegistry } from '../../platform/personal-data/index.js';
import type { Person } from '../subscribers/index.js';

/** Everything that is held about one person, as plain JSON. */
export interface PersonalExportView {
  readonly exportedAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

@Injectable()
export class PersonalExport {
  constructor(
    private readonly registry: PersonalDataRegistry,
    private readonly db: Database,
  ) {}

  /** From one snapshot, so that its parts fit together. @throws when two modules use one name for a kind */
  async of({ id, canonical, address }: Person): Promise<PersonalExportView> {
    const data = await this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const kinds: [string, unknown][] = [];
        for (const holder of this.registry.holders()) {
          const part = await holder.export(trx, { id, canonical, address });
          kinds.push(...Object.entries(part));
        }
        return kinds;
      });
    const view = Object.fromEntries(data);
    if (Object.keys(view).length < data.length) throw new Error('Two kinds of personal data share a name');
    return { exportedAt: new Date().toISOString(), data: plain(view) };
  }
}

/** Dates as text, as JSON has them, so that every reader of an export sees the same. */
function plain(data: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
}
