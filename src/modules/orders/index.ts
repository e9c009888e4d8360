import { OrderEventsController, OrdersController } from './orders.controller.js';

export { OrdersModule } from './orders.module.js';

export const ordersControllers = [OrderEventsController, OrdersController];
