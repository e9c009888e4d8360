import type { Relay } from '../delivery/index.js';
import type { Config } from '../../platform/config/index.js';
import type { Dns } from './dns.js';
import type { Finding } from './finding.js';

/** What the checks look at. */
export interface Surroundings {
  readonly config: Config;
  readonly dns: Dns;
  /** Those that mail may leave through; without the built-in inbox. */
  readonly relays: readonly Relay[];
  /** The domains that senders write from, or those that were asked about. */
  readonly domains: readonly string[];
}

/** Looks at one kind of thing. Whatever goes wrong in it is a finding; it throws only where nobody thought of it. */
export type Check = (at: Surroundings) => Promise<Finding[]>;
