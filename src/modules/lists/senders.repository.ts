import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Executor } from '../../platform/database/index.js';
import type { Sender } from './lists.types.js';

export interface DefaultSender {
  readonly brandId: string;
  readonly senderId: string;
  readonly brandName: string;
  readonly postalAddress: string | null;
  readonly fromName: string | null;
  readonly fromAddress: string;
  readonly domain: string;
}

@Injectable()
export class SendersRepository {
  /**
   * Makes brand and sender "default", or brings them to what is set.
   * @param wins which of the values replace what is stored
   */
  async ensureDefault(
    executor: Executor,
    defaults: DefaultSender,
    wins: { from: boolean; postalAddress: boolean },
  ): Promise<void> {
    const { brandId, senderId, brandName, postalAddress, fromName, fromAddress, domain } = defaults;
    const brand = await executor
      .insertInto('brands')
      .values({
        id: brandId,
        slug: 'default',
        name: brandName,
        logo_url: null,
        postal_address: postalAddress,
        website_url: null,
      })
      .onConflict((conflict) =>
        conflict.column('slug').doUpdateSet((eb) => ({
          name: wins.from ? eb.ref('excluded.name') : eb.ref('brands.name'),
          postal_address: wins.postalAddress
            ? eb.ref('excluded.postal_address')
            : eb.ref('brands.postal_address'),
          updated_at: sql<Date>`now()`,
        })),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    await executor
      .insertInto('senders')
      .values({
        id: senderId,
        slug: 'default',
        brand_id: brand.id,
        from_name: fromName,
        from_address: fromAddress,
        reply_to: null,
        domain,
      })
      .onConflict((conflict) =>
        wins.from
          ? conflict.column('slug').doUpdateSet({
              from_name: fromName,
              from_address: fromAddress,
              domain,
              updated_at: sql<Date>`now()`,
            })
          : conflict.column('slug').doNothing(),
      )
      .execute();
  }

  async bySlug(executor: Executor, slug: string): Promise<Sender | undefined> {
    return toSender(await select(executor).where('senders.slug', '=', slug).executeTakeFirst());
  }

  async byId(executor: Executor, id: string): Promise<Sender | undefined> {
    return toSender(await select(executor).where('senders.id', '=', id).executeTakeFirst());
  }

  async all(executor: Executor): Promise<Sender[]> {
    return (await select(executor).orderBy('senders.id').execute()).flatMap((row) => toSender(row) ?? []);
  }

  async first(executor: Executor): Promise<Sender | undefined> {
    return toSender(await select(executor).orderBy('senders.id').limit(1).executeTakeFirst());
  }
}

function select(executor: Executor) {
  return executor
    .selectFrom('senders')
    .innerJoin('brands', 'brands.id', 'senders.brand_id')
    .select([
      'senders.id',
      'senders.slug',
      'senders.from_name as fromName',
      'senders.from_address as fromAddress',
      'senders.reply_to as replyTo',
      'senders.domain',
      'brands.id as brandId',
      'brands.name',
      'brands.logo_url as logoUrl',
      'brands.colour',
      'brands.postal_address as postalAddress',
      'brands.website_url as websiteUrl',
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

function toSender(row: Row | undefined): Sender | undefined {
  if (!row) return undefined;
  const { brandId, name, logoUrl, colour, postalAddress, websiteUrl, ...sender } = row;
  return { ...sender, brand: { id: brandId, name, logoUrl, colour, postalAddress, websiteUrl } };
}
