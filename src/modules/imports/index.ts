import { ExportController } from './export/export.controller.js';
import { ImportsController } from './imports.controller.js';

export { ImportsModule } from './imports.module.js';
export { ImportsProcessor } from './imports.processor.js';
export { exportCommand } from './export/export-command.js';
export { importCommand } from './import-command.js';
export { ImportRun } from './import-run.service.js';
export { Imports } from './imports.service.js';
export { SubscribersExport } from './export/export.service.js';
export const importsControllers = [ImportsController, ExportController];
