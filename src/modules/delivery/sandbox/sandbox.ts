import { Injectable } from '@nestjs/common';
import { sandboxFate, sandboxFates, type Address } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { invalid } from '../../../platform/http/index.js';

/** The domain of the test addresses (docs/store.md): mail to it is handed over to nobody, and does what its address says. */
@Injectable()
export class Sandbox {
  private readonly domain: string;

  constructor({ env }: Config) {
    this.domain = env.SANDBOX_DOMAIN;
  }

  /** @param domain of a recipient, as A-labels in lower case */
  holds(domain: string): boolean {
    return domain === this.domain;
  }

  /** @param field that names the address, for the error. @throws 422 where it is on the sandbox domain and no test address */
  refuseUnknown(field: string, { canonical, domain }: Address): void {
    if (!this.holds(domain) || sandboxFate(canonical) !== undefined) return;
    const known = sandboxFates.map((fate) => `${fate}@`).join(', ');
    throw invalid(
      field,
      `${canonical} is no test address; on ${domain} there are ${known}, each also with +anything`,
    );
  }
}
