import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { PersonalData, type RetentionRule } from './personal-data.js';

/** Every holder of personal data that the modules of this process provide. */
@Injectable()
export class PersonalDataRegistry {
  constructor(private readonly discovery: DiscoveryService) {}

  /** In one order everywhere, so that two erasures take their locks alike. */
  holders(): PersonalData[] {
    const found = this.discovery
      .getProviders()
      .map(({ instance }): unknown => instance)
      .filter((instance): instance is PersonalData => instance instanceof PersonalData);
    return [...new Set(found)].toSorted((a, b) => (a.constructor.name < b.constructor.name ? -1 : 1));
  }

  retention(): RetentionRule[] {
    return this.holders().flatMap(({ retention }) => retention);
  }
}
