/** The example store: `npm start` in one shell, `npm run example` in another. */
import { createServer } from 'node:http';
import { Postrider } from '../../sdk/src/index.js'; // in a shop of your own: from '@postrider/sdk'
import { Hooks } from './hooks.js';
import { ensureList } from './newsletter.js';
import { Orders } from './orders.js';
import { storeRoutes } from './routes.js';
import { readSettings } from './settings.js';

const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { postriderUrl, apiKey, port } = readSettings(process.env);
  const url = `http://127.0.0.1:${port}`;
  const postrider = new Postrider({ apiKey, baseUrl: postriderUrl });
  await ensureList(postrider);
  const hooks = await Hooks.register(postrider, `${url}/hooks/postrider`);
  const orders = new Orders(postrider, url);
  createServer(storeRoutes({ postrider, orders, hooks, url, postriderUrl })).listen(port, '127.0.0.1', () => {
    say(`The store is open.\n  Shop   ${url}\n  Admin  ${url}/admin\n  Mail   ${postriderUrl}/inbox`);
  });
} catch (error) {
  say(`The store cannot open. ${(error as Error).message}`);
  process.exitCode = 1;
}
