import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Database } from '../../platform/database/index.js';
import { invalid, Needs } from '../../platform/http/index.js';
import { Lists } from '../lists/index.js';
import { People } from './people.service.js';
import {
  changeSubscriberBody,
  searchSubscribersBody,
  subscriberPage,
  subscriberView,
  toSubscriberView,
  type ChangeSubscriber,
  type SearchSubscribers,
  type SubscriberView,
} from './subscribers.schemas.js';
import { Subscriptions } from './subscriptions.service.js';
import type { Person } from './subscribers.types.js';

const idInPath = z.uuid('the id in the path is not a UUID');

@ApiTags('Subscribers')
@Needs('subscribers')
@Controller('v1/subscribers')
export class SubscribersController {
  constructor(
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly lists: Lists,
    private readonly db: Database,
  ) {}

  @Post('search')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Find subscribers, the newest first',
    description: 'A search, so that no address stands in a URL.',
  })
  @ApiResponse({ status: 200, standardSchema: subscriberPage })
  async search(@Body({ schema: searchSubscribersBody }) { email, list: slug, ...search }: SearchSubscribers) {
    const list = slug === undefined ? undefined : await this.lists.bySlug(this.db, slug);
    if (slug !== undefined && !list) throw invalid('list', `there is no list "${slug}"`);
    const found = await this.people.search(this.db, {
      ...search,
      address: email?.canonical,
      listId: list?.id,
    });
    return { data: await this.views(found.data), hasMore: found.hasMore };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One subscriber with all subscriptions' })
  @ApiResponse({ status: 200, standardSchema: subscriberView })
  async find(@Param('id', { schema: idInPath }) id: string) {
    return this.view(await this.people.known(this.db, id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change what is known of a subscriber',
    description: 'What is left out stays; null empties a field.',
  })
  @ApiResponse({ status: 200, standardSchema: subscriberView })
  async change(
    @Param('id', { schema: idInPath }) id: string,
    @Body({ schema: changeSubscriberBody }) body: ChangeSubscriber,
  ) {
    return this.view(await this.people.change(this.db, id, body));
  }

  private async view(person: Person): Promise<SubscriberView> {
    const [view] = await this.views([person]);
    return view!;
  }

  private async views(people: readonly Person[]): Promise<SubscriberView[]> {
    const subscriptions = await this.subscriptions.ofPeople(
      this.db,
      people.map(({ id }) => id),
    );
    const listIds = new Set(subscriptions.map(({ listId }) => listId));
    const lists = new Map((await this.lists.byIds(this.db, [...listIds])).map((list) => [list.id, list]));
    const byPerson = Map.groupBy(subscriptions, ({ personId }) => personId);
    return people.map((person) => toSubscriberView(person, byPerson.get(person.id) ?? [], lists));
  }
}
