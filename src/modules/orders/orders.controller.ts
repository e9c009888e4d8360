import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, Once } from '../../platform/http/index.js';
import { orderEvent, orderEventAnswer, type OrderEvent, type OrderEventAnswer } from './orders.schemas.js';
import { Orders } from './orders.service.js';

@ApiTags('Orders')
@Needs('orders')
@Controller('v1/order-events')
export class OrdersController {
  constructor(
    private readonly orders: Orders,
    private readonly once: Once,
  ) {}

  @Post()
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
    return this.once.run(request, reply, (work) => this.orders.receive(work, event, request.body));
  }
}
