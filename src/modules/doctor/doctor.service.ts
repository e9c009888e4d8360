import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { KeyRing, LinkTokens } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { within } from '../../platform/queue/index.js';
import { DkimKeys, Relays, type Relay } from '../delivery/index.js';
import { Senders } from '../lists/index.js';
import { alertsCheck } from './checks/alerts.check.js';
import { bounceDomainCheck } from './checks/bounce-domain.check.js';
import { dkimCheck } from './checks/dkim.check.js';
import { dmarcCheck } from './checks/dmarc.check.js';
import { databaseCheck, diskCheck, redisCheck, secretsCheck } from './checks/machine.check.js';
import { ptrCheck } from './checks/ptr.check.js';
import { publicUrlCheck } from './checks/public-url.check.js';
import { queueCheck } from './checks/queue.check.js';
import { relayCheck } from './checks/relay.check.js';
import { spfCheck } from './checks/spf.check.js';
import { Dns } from './dns.js';
import { DoctorRepository } from './doctor.repository.js';
import { findingsOf, type Finding } from './finding.js';
import type { Check, Surroundings } from './surroundings.js';

/** All checks run at once, and none longer: with the start of the program that stays below 20 s. */
const PATIENCE_MS = 15_000;

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** A command to run on a machine elsewhere: it must print 200, and changes nothing. Null without a database. */
  readonly oneClick: string | null;
}

/** Looks at everything that mail needs, here and out there, and changes nothing. */
@Injectable()
export class Doctor {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly senders: Senders,
    private readonly relays: Relays,
    private readonly dkimKeys: DkimKeys,
    private readonly keys: KeyRing,
    private readonly tokens: LinkTokens,
    private readonly repository: DoctorRepository,
  ) {}

  /** @param domains to look at instead of those of the senders; as A-labels */
  async examine(domains: readonly string[] = []): Promise<Diagnosis> {
    const at = await this.surroundings(domains);
    const groups = await Promise.all(
      Object.entries(this.checks(at)).map(async ([name, check]) => withoutFail(name, check, at)),
    );
    return { findings: groups.flat(), oneClick: this.oneClick() };
  }

  private async surroundings(asked: readonly string[]): Promise<Surroundings> {
    const { config } = this;
    const relays = (await this.relays.enabled()).filter((relay) => !isInbox(relay, config));
    const own = (await this.senders.all(this.db)).map(({ domain }) => domain);
    // What stays in the built-in inbox needs no DNS.
    const domains = asked.length > 0 ? asked : relays.length > 0 ? own : [];
    return { config, dns: new Dns(config.dnsServers), relays, domains: [...new Set(domains)] };
  }

  /** In the order in which they are shown. */
  private checks({ relays }: Surroundings): Record<string, Check> {
    const { repository, dkimKeys, keys } = this;
    return {
      database: databaseCheck(repository),
      redis: redisCheck,
      disk: diskCheck(repository),
      secrets: secretsCheck,
      queue: queueCheck(repository),
      alerts: alertsCheck(repository),
      'public-url': publicUrlCheck(keys),
      relay: relayCheck,
      ptr: ptrCheck,
      spf: spfCheck,
      dkim: dkimCheck(dkimKeys),
      dmarc: dmarcCheck(dkimKeys),
      ...(relays.length > 0 && { 'bounce-domain': bounceDomainCheck }),
    };
  }

  /** Of a subscription that does not exist: such a link answers as for one that is over. */
  private oneClick(): string {
    const url = `${this.config.publicUrl}/unsubscribe/${this.tokens.make('unsubscribe', newId())}`;
    return `curl -sS -o /dev/null -w '%{http_code}\\n' -d 'List-Unsubscribe=One-Click' '${url}'`;
  }
}

/** Without SMTP_URL the relay "default" is the built-in inbox. */
function isInbox(relay: Relay, { env }: Config): boolean {
  return relay.name === 'default' && env.SMTP_URL === undefined;
}

async function withoutFail(name: string, check: Check, at: Surroundings): Promise<Finding[]> {
  try {
    return await within(PATIENCE_MS, check(at));
  } catch (error) {
    return [
      findingsOf(name, null).unknown(
        `It could not be checked: ${(error as Error).message}`,
        'Run postrider doctor again.',
      ),
    ];
  }
}
