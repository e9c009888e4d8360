/**
 * The pictures in docs/, from the program as a newcomer meets it: npm run pictures:docs
 * Starts it without a relay, opts in, orders, sends news, and photographs the inbox and the subscribe page.
 */
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { eventually } from '../support/engine.js';
import { Program } from '../support/program.js';

const executable = findChromium();
if (!executable) throw new Error(NO_CHROMIUM);
const folder = new URL('../../docs/', import.meta.url).pathname;

await import('./order-mails.js');

const program = await Program.start({
  MAIL_FROM: 'Juniper & Moss <hello@juniper.example>',
  POSTAL_ADDRESS: 'Juniper & Moss\n14 Harbour Lane, Falmouth',
});
const browser = await launchChromium(executable);
try {
  const list = {
    slug: 'letters',
    name: 'The Workshop Letter',
    description: 'What came off the bench, once a month.',
  };
  await program.call('POST', '/v1/lists', list);
  await program.call('POST', '/v1/subscriptions', {
    email: 'anna@example.com',
    name: 'Anna',
    lists: ['letters'],
    consent: { text: 'Yes', source: 'https://juniper.example' },
  });
  const mails = async () =>
    (await (await fetch(`${program.url}/inbox`)).text()).split('data-id="').length - 1;
  await eventually(async () => (await mails()) === 1);
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, deviceScaleFactor: 1.5 });
  await page.goto(`${program.url}/inbox`);
  await page.locator('[data-id]').first().click();
  const confirm = page
    .frameLocator('iframe.in-light')
    .getByRole('link', { name: /confirm/i })
    .first();
  await page.goto((await confirm.getAttribute('href')) ?? '');
  await page.getByRole('button', { name: /confirm/i }).click();
  await eventually(async () => (await mails()) === 2);
  const { body: campaign } = await program.call('POST', '/v1/campaigns', {
    name: 'November',
    subject: 'A bowl takes eleven days',
    preheader: 'The lathe work is over in an hour.',
    lists: ['letters'],
    content:
      '# A bowl takes eleven days\n\nDear {{ recipient.name | default: "friend" }},\n\nthe lathe work is over in an hour. What takes eleven days is the waiting.\n\n[See the bowls](https://juniper.example)',
  });
  await program.call('POST', `/v1/campaigns/${campaign.id}/send`);
  await eventually(async () => (await mails()) === 3);
  await program.call('POST', '/v1/order-events', {
    id: 'evt_10482',
    type: 'order.placed',
    occurredAt: new Date().toISOString(),
    order: {
      id: '10482',
      number: '10482',
      currency: 'EUR',
      url: 'https://juniper.example/orders/10482',
      items: [
        { name: 'Walnut serving bowl', description: 'Large, oiled finish', quantity: 1, unitPrice: '89.00' },
        { name: 'Linen tea towel', description: 'Undyed', quantity: 3, unitPrice: '14.50', total: '43.50' },
      ],
      subtotal: '132.50',
      shipping: '6.90',
      total: '139.40',
    },
    customer: { email: 'anna@example.com', name: 'Anna Lindqvist' },
  });
  await eventually(async () => (await mails()) === 4);
  await page.goto(`${program.url}/inbox`);
  await page.locator('[data-id]').first().click();
  await page.frameLocator('iframe.in-light').getByText('139.40').last().waitFor();
  await page.screenshot({ path: `${folder}inbox.png` });
  await page.setViewportSize({ width: 600, height: 760 });
  await page.goto(`${program.url}/subscribe`);
  await page.screenshot({ path: `${folder}subscribe.png` });
} finally {
  await browser.close();
  await program.remove();
}
