import { OrdersController } from './orders.controller.js';

export { OrdersModule } from './orders.module.js';
export { Orders } from './orders.service.js';

export const ordersControllers = [OrdersController];
