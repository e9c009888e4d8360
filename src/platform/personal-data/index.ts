export { countRows, daysAgo, inChunks } from './purging.js';
export { PersonalData, type PersonRef, type RetentionRule } from './personal-data.js';
export { PersonalDataModule } from './personal-data.module.js';
export { PersonalDataRegistry } from './personal-data-registry.js';
