import { join } from 'node:path';
import type { Config } from '../platform/config/index.js';

/** What a person needs next, ready to paste. @param url where the API listens */
export function welcome(config: Config, url: string): string {
  const inbox = config.env.SMTP_URL === undefined;
  return [
    '',
    'Postrider is ready.',
    ...(inbox ? [`  Inbox            ${url}/inbox   (no relay is set: all mail stays here)`] : []),
    `  Subscribe page   ${url}/subscribe`,
    `  API reference    ${url}/docs`,
    `  Alerts           ${alertsLine(config)}`,
    '',
    '  Send a first order mail:',
    '',
    orderCurl(url, config),
    '',
  ].join('\n');
}

function alertsLine({ alertAddresses }: Config): string {
  if (alertAddresses.length === 0) return 'to nobody: set ALERT_EMAIL to hear of order mails that fail';
  return `to ${alertAddresses.map(({ typed }) => typed).join(', ')}`;
}

function orderCurl(url: string, config: Config): string {
  const key =
    config.env.BOOTSTRAP_API_KEY !== undefined
      ? '$BOOTSTRAP_API_KEY'
      : config.env.SMTP_URL === undefined
        ? `$(cat '${join(config.dataDir, 'quickstart.key')}')`
        : '$API_KEY';
  const event = {
    id: 'evt_1',
    type: 'order.placed',
    occurredAt: new Date().toISOString(),
    order: {
      id: '1001',
      number: '1001',
      currency: 'EUR',
      items: [{ name: 'Linen notebook', quantity: 2, unitPrice: '14.50', total: '29.00' }],
      shipping: '4.90',
      total: '33.90',
    },
    customer: { email: 'ada@example.com', name: 'Ada' },
  };
  return [
    `  curl -X POST ${url}/v1/order-events \\`,
    `    -H "Authorization: Bearer ${key}" \\`,
    `    -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(event)}'`,
  ].join('\n');
}
