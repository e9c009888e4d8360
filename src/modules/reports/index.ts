import { DeliverabilityController } from './deliverability.controller.js';
import { SuppressionEvidenceController } from './suppression-evidence.controller.js';

export { DeliverabilityCounter } from './deliverability-counter.js';
export { ReportsModule } from './reports.module.js';
export const reportsControllers = [DeliverabilityController, SuppressionEvidenceController];
