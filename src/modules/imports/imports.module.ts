import { Module } from '@nestjs/common';
import { ConsentModule } from '../consent/index.js';
import { ListsModule } from '../lists/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { ExportRepository } from './export/export.repository.js';
import { SubscribersExport } from './export/export.service.js';
import { ImportFiles } from './import-files.service.js';
import { ImportRun } from './import-run.service.js';
import { ImportsPersonalData } from './imports.personal-data.js';
import { ImportsRepository } from './imports.repository.js';
import { Imports } from './imports.service.js';

@Module({
  imports: [ConsentModule, ListsModule, SubscribersModule],
  providers: [
    ExportRepository,
    ImportFiles,
    ImportRun,
    Imports,
    ImportsPersonalData,
    ImportsRepository,
    SubscribersExport,
  ],
  exports: [ImportRun, Imports, SubscribersExport],
})
export class ImportsModule {}
