export { mergeExpositions } from './exposition.js';
export { Metrics, MetricsModule } from './metrics.js';
