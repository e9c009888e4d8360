import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { PersonalData, type RetentionRule } from './personal-data.js';

/** Every holder of personal data that the modules of this process provide. */
@Injectable()
export class PersonalDataRegistry {
  constructor(private readonly discovery: DiscoveryService) {}

  /** In the order of their names. @throws when two share a name: one would be missing in an export */
  holders(): PersonalData[] {
    const found = this.discovery
      .getProviders()
      .map(({ instance }): unknown => instance)
      .filter((instance): instance is PersonalData => instance instanceof PersonalData);
    const holders = [...new Set(found)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const twice = holders.find((holder, at) => holder.name === holders[at + 1]?.name);
    if (twice) throw new Error(`Two holders of personal data are called "${twice.name}"`);
    return holders;
  }

  retention(): RetentionRule[] {
    return this.holders().flatMap(({ retention }) => retention);
  }
}
