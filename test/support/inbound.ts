import { Injectable, Module } from '@nestjs/common';
import {
  GroupRoute,
  InboundListener,
  InboundModule,
  InboundRoute,
  type Handled,
  type InboundMail,
} from '../../src/modules/inbound/index.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import type { InboundLimits } from '../../src/modules/inbound/inbound-listener.js';
import type { Work } from '../../src/platform/database/index.js';
import { TestApi } from './api.js';

export const DOMAIN = 'bounces.shop.example';

/** Takes `box-` and letters, and does what the test says. */
@Injectable()
export class BoxRoute extends InboundRoute {
  readonly name = 'box';
  readonly mails: InboundMail[] = [];
  act: (work: Work, mail: InboundMail) => Promise<Handled | void> = async () => undefined;

  recognises(localPart: string): boolean {
    return /^box-[a-z]+$/i.test(localPart);
  }

  async handle(work: Work, mail: InboundMail): Promise<Handled | void> {
    this.mails.push(mail);
    return this.act(work, mail);
  }
}

/** Takes `crate-` and letters in groups, and does with each what the test says. */
@Injectable()
export class CrateRoute extends GroupRoute {
  readonly name = 'crate';
  /** How many mails came at once. */
  readonly groups: number[] = [];
  act: (work: Work, mail: InboundMail) => Promise<Handled | void> = async () => undefined;

  recognises(localPart: string): boolean {
    return /^crate-[a-z]+$/i.test(localPart);
  }

  async handleAll(work: Work, mails: readonly InboundMail[]): Promise<Handled[]> {
    this.groups.push(mails.length);
    const handled: Handled[] = [];
    for (const mail of mails) handled.push((await this.act(work, mail)) ?? {});
    return handled;
  }
}

@Module({ providers: [BoxRoute, CrateRoute] })
class BoxModule {}

/** The listener on a free port of loopback, with a route of either kind; no worker works on what comes in. */
export async function startInbound(
  limits: Partial<InboundLimits> = {},
  environment: Record<string, string> = {},
): Promise<{ api: TestApi; port: number; route: BoxRoute; crates: CrateRoute }> {
  const api = await TestApi.start({
    modules: [ListsModule, InboundModule, BoxModule],
    controllers: [],
    environment: { BOUNCE_DOMAIN: DOMAIN, INBOUND_SMTP_PORT: '0', ...environment },
  });
  const port = await api.get(InboundListener).start(limits);
  return { api, port: port ?? 0, route: api.get(BoxRoute), crates: api.get(CrateRoute) };
}
