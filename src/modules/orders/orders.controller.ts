import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LARGEST_BODY, Needs, Once, TakesBody } from '../../platform/http/index.js';
import { OrderEventsBatch } from './order-events-batch.service.js';
import { OrderTimeline } from './order-timeline.service.js';
import {
  orderEvent,
  orderEventAnswer,
  orderEventBatch,
  orderEventBatchAnswer,
  orderQuery,
  orderView,
  type OrderEvent,
  type OrderEventAnswer,
  type OrderEventBatch,
  type OrderEventBatchAnswer,
  type OrderQuery,
  type OrderView,
} from './orders.schemas.js';
import { Orders } from './orders.service.js';

@ApiTags('Orders')
@Needs('orders')
@Controller('v1/order-events')
export class OrderEventsController {
  constructor(
    private readonly orders: Orders,
    private readonly batch: OrderEventsBatch,
    private readonly once: Once,
  ) {}

  @Post()
  @TakesBody(LARGEST_BODY)
  @ApiOperation({
    summary: 'Tell what happened to an order',
    description:
      'Sends the mail that belongs to it, once: the same event again is answered with 200 and the same body, and sends nothing. Needs no opt-in of the customer.',
  })
  @ApiResponse({
    status: 202,
    description: 'Stored; the mail is on its way.',
    standardSchema: orderEventAnswer,
  })
  @ApiResponse({
    status: 200,
    description: 'The event was received before.',
    standardSchema: orderEventAnswer,
  })
  @ApiResponse({ status: 409, description: 'The id was used with another body.' })
  async receive(
    @Body({ schema: orderEvent }) event: OrderEvent,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderEventAnswer> {
    await this.orders.makeReady(event.type, event.customer.locale);
    return this.once.run(request, reply, (work) => this.orders.receive(work, event, request.body));
  }

  @Post('batch')
  @HttpCode(200)
  @TakesBody(LARGEST_BODY)
  @ApiOperation({
    summary: 'Tell up to 100 events',
    description:
      'In the order given, each on its own: an answer per item, and a mistake in one costs the others nothing. The same call again is safe.',
  })
  @ApiResponse({ status: 200, standardSchema: orderEventBatchAnswer })
  async receiveMany(
    @Body({ schema: orderEventBatch }) { events }: OrderEventBatch,
  ): Promise<OrderEventBatchAnswer> {
    return this.batch.receive(events);
  }
}

@ApiTags('Orders')
@Needs('orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(private readonly timeline: OrderTimeline) {}

  @Get(':id')
  @ApiOperation({
    summary: 'What happened to an order',
    description:
      'Its events, the mail that each sent, what repeats it, and what became of them. The id is the shop’s own.',
  })
  @ApiResponse({ status: 200, standardSchema: orderView })
  async show(
    @Param('id') id: string,
    @Query({ schema: orderQuery }) { shop }: OrderQuery,
  ): Promise<OrderView> {
    return this.timeline.of(shop, id);
  }
}
