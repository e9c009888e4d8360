import { SuppressionsController } from './suppression.controller.js';

export { LIST_NAMES, type ListNames } from './suppression.controller.js';
export { SuppressionModule } from './suppression.module.js';
export type { NewSuppression, Suppression, SuppressionScope } from './suppression.types.js';
export { Suppressions } from './suppressions.service.js';
export const suppressionControllers = [SuppressionsController];
