import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InboundRoute } from './inbound-route.js';

/** The routes that the modules of this process provide. */
@Injectable()
export class InboundRoutes implements OnModuleInit {
  private routes: ReadonlyMap<string, InboundRoute> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws when two routes have one name: mail of the one would go to the other */
  onModuleInit(): void {
    this.byName();
  }

  /** The route that an address belongs to; undefined for an address that nobody made. */
  of(localPart: string): InboundRoute | undefined {
    return [...this.byName().values()].find((route) => route.recognises(localPart));
  }

  named(name: string): InboundRoute | undefined {
    return this.byName().get(name);
  }

  /** Looked for when they are first asked for: a queue's worker takes jobs before every module has had its `onModuleInit`. */
  private byName(): ReadonlyMap<string, InboundRoute> {
    if (this.routes) return this.routes;
    const routes = new Map<string, InboundRoute>();
    for (const { instance } of this.discovery.getProviders() as { instance: unknown }[]) {
      if (!(instance instanceof InboundRoute)) continue;
      const known = routes.get(instance.name);
      if (known && known !== instance) throw new Error(`Two inbound routes are called "${instance.name}"`);
      routes.set(instance.name, instance);
    }
    return (this.routes = routes);
  }
}
