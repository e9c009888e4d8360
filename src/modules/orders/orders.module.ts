import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { SubscribersModule } from '../subscribers/index.js';
import { OrdersRepository } from './orders.repository.js';
import { Orders } from './orders.service.js';

@Module({
  imports: [DeliveryModule, SubscribersModule],
  providers: [Orders, OrdersRepository],
  exports: [Orders],
})
export class OrdersModule {}
