import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { dnsNames, type Names } from './http/names.js';
import { post, type Answer, type Connections } from './http/post.js';
import { assertReachable, ForbiddenTarget, hostOf, type Reachable } from './http/target.js';

/** For the whole of a request: DNS, connection, headers, body. */
const TIMEOUT_MS = 15_000;
/** For DNS, while somebody waits for an answer of the API. */
const PATIENCE_MS = 3_000;

/** The way out, as this install is set up. */
@Injectable()
export class Outbound {
  private readonly names: Names;
  private readonly reachable: Reachable;

  constructor(config: Config) {
    this.names = dnsNames(config.dnsServers);
    this.reachable = {
      loopback: config.publicUrlIsLoopback,
      privateNetworks: config.env.WEBHOOK_ALLOW_PRIVATE,
    };
  }

  /** Why a request to this URL would be refused here, or undefined; also when DNS does not know its host. */
  async problem(url: URL): Promise<string | undefined> {
    const addresses = await this.names
      .addresses(hostOf(url), AbortSignal.timeout(PATIENCE_MS))
      .catch(() => []);
    if (addresses.length === 0 && url.protocol === 'http:')
      return 'must begin with https://: this name leads to no machine of your own';
    try {
      assertReachable(url, addresses, this.reachable);
      return undefined;
    } catch (error) {
      if (error instanceof ForbiddenTarget) return error.message;
      throw error;
    }
  }

  /** Sends one; the URL is checked again, because what DNS says may have changed. Never throws. */
  async send(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    connections: Connections,
    cancel: AbortSignal,
  ): Promise<Answer> {
    const { names, reachable } = this;
    const options = { names, reachable, timeoutMs: TIMEOUT_MS };
    return post(new URL(url), headers, body, connections, options, cancel);
  }
}
