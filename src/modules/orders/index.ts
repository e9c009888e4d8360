import { OrderEventsController, OrdersController } from './orders.controller.js';
import { StoreHooksController } from './stores/store-hooks.controller.js';

export { exampleOf as orderEventExample } from './order-examples.js';
export { orderEventsPage } from './order-documentation.js';
export { OrdersModule } from './orders.module.js';

export const ordersControllers = [OrderEventsController, OrdersController, StoreHooksController];
