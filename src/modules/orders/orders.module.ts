import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { OrderEventsBatch } from './order-events-batch.service.js';
import { OrderTimeline } from './order-timeline.service.js';
import { OrdersPersonalData } from './orders.personal-data.js';
import { OrdersRepository } from './orders.repository.js';
import { Orders } from './orders.service.js';
import { StoreHooks } from './stores/store-hooks.service.js';

@Module({
  imports: [DeliveryModule, SubscribersModule],
  providers: [OrderEventsBatch, Orders, OrdersPersonalData, OrdersRepository, OrderTimeline, StoreHooks],
  exports: [OrderEventsBatch, Orders, OrderTimeline, StoreHooks],
})
export class OrdersModule {}
