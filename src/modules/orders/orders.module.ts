import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { OrderEventsBatch } from './order-events-batch.service.js';
import { OrderTimeline } from './order-timeline.service.js';
import { OrdersRepository } from './orders.repository.js';
import { Orders } from './orders.service.js';

@Module({
  imports: [DeliveryModule, SubscribersModule],
  providers: [OrderEventsBatch, Orders, OrdersRepository, OrderTimeline],
  exports: [OrderEventsBatch, Orders, OrderTimeline],
})
export class OrdersModule {}
