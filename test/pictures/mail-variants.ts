import { newsSource } from '../../src/modules/templates/news-source.js';
import type { BuiltinTemplate, TemplateSource, Variables } from '../../src/modules/templates/types.js';

interface MailVariant {
  name: string;
  source: TemplateSource;
  variables: Variables;
}

type Fields = Record<string, unknown>;

/** Shown in every language; the others are the same in all. */
export const IN_EVERY_LANGUAGE = /-(mixed|yen|long)$/;

/** The two ways to show what was ordered, with whatever shops may send in it. */
const AWKWARD_ORDERS = new Set(['order-placed', 'order-shipped']);

const LONG_NAME =
  'Hand-thrown stoneware casserole with lid, speckled oatmeal glaze, 3.2 litres, dishwasher and oven safe up to 260 °C';
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const HOSTILE = `<script>alert("1")</script> & 'Söhne' "GmbH"`;

const RICH_MARKDOWN = `
Hello {{ recipient.name | default: 'there' }}, this one has *everything* in it: \`code\`, <b>no HTML</b>,
https://shop.example/a/very/long/address/that/goes/on/and/on/and/on/until/it/must/wrap/somewhere and [[ brackets ]].

{% if recipient.locale == 'en' %}

1. First, with a [link]({{ links.preferences }})
2. Second

   with a second paragraph
3. Third

{% endif %}

| Size | Price |
|:-----|------:|
| Small | € 24 |
| Large | € 89 |

---

    an indented block of code that is rather long and has to wrap, because nothing in a mail may scroll sideways

#### The end
`;

const FRAGMENT = `
<mj-section>
  <mj-column>
    <mj-image src="https://shop.example/hero.jpg" alt="A shelf of bowls" />
    <mj-text font-size="22px">Written in MJML</mj-text>
    <mj-text>A fragment, {{ recipient.name | default: "friend" }}, stands in the card of the news layout.</mj-text>
    <mj-button href="https://shop.example/">To the shop</mj-button>
  </mj-column>
</mj-section>`;

const COLOURED = `
<mj-wrapper background-color="#fdf3d8" padding="32px">
  <mj-section><mj-column>
    <mj-text>Dark words on a light ground of their own stay so in dark mode.</mj-text>
  </mj-column></mj-section>
</mj-wrapper>`;

const DOCUMENT = `
<mjml>
  <mj-body background-color="#e8eef2">
    <mj-section background-color="#0b3c5d" padding="40px"><mj-column>
      <mj-text color="#ffffff" font-size="28px">Somebody else's design</mj-text>
    </mj-column></mj-section>
    <mj-section background-color="#ffffff"><mj-column>
      <mj-text>A whole document without an unsubscribe link of its own: our footer comes after it.</mj-text>
    </mj-column></mj-section>
  </mj-body>
</mjml>`;

/** The built-in mails with their samples, and with what shops really send. */
export function* mailVariants(templates: Map<string, BuiltinTemplate>): Generator<MailVariant> {
  for (const [name, template] of templates) {
    const variant = (suffix: string, changes: Fields): MailVariant => ({
      name: suffix ? `${name}-${suffix}` : name,
      source: template.source,
      variables: { ...template.sample, ...changes },
    });
    const sample = template.sample as { brand: Fields; recipient: Fields; order?: Fields; shipment?: Fields };
    yield variant('', {});
    yield variant('logo', { brand: { ...sample.brand, logoUrl: 'https://shop.example/logo.png' } });
    yield variant('hostile', {
      brand: { ...sample.brand, name: HOSTILE },
      recipient: { ...sample.recipient, name: HOSTILE },
      ...('customer' in template.sample && { customer: { name: HOSTILE } }),
    });
    yield variant('nameless', { recipient: { ...sample.recipient, name: null } });
    yield variant('yellow', { brand: { ...sample.brand, colour: '#f5c518' } });
    yield variant('black', { brand: { ...sample.brand, colour: '#111111' } });
    if (name === 'news') {
      for (const [suffix, content] of Object.entries({
        rich: { content: RICH_MARKDOWN },
        fragment: { mjml: FRAGMENT },
        coloured: { mjml: COLOURED },
        document: { mjml: DOCUMENT },
      })) {
        yield {
          ...variant(suffix, {}),
          source: newsSource({ subject: `News, ${suffix}`, ...content }, template),
        };
      }
    }
    if (AWKWARD_ORDERS.has(name) && sample.order)
      yield* orderVariants(sample.order, sample.shipment, variant);
  }
}

function* orderVariants(
  order: Fields,
  shipment: Fields | undefined,
  variant: (suffix: string, changes: Fields) => MailVariant,
): Generator<MailVariant> {
  const items = order['items'] as Fields[];
  const { id, number, currency, total, placedAt } = order;
  const bare = items.map(({ name, quantity }) => ({ name, quantity }));
  yield variant('bare', {
    order: { id, number, currency, total, placedAt, items: bare },
    customer: {},
    ...(shipment && { shipment: {} }),
  });
  yield variant('mixed', {
    order: {
      ...order,
      items: items.map(({ imageUrl, ...item }, i) => (i === 1 ? item : { ...item, imageUrl })),
    },
  });
  yield variant('yen', {
    order: {
      ...order,
      number: '10482-B',
      currency: 'JPY',
      items: items.map((item) => ({
        ...item,
        unitPrice: '1200',
        total: String(1200 * Number(item['quantity'])),
      })),
      subtotal: '7200',
      discount: '500',
      fees: '330',
      shipping: '800',
      tax: '711',
      total: '7830',
    },
  });
  yield variant('twelve', {
    order: {
      ...order,
      items: Array.from({ length: 12 }, (_, i) => ({ ...items[i % items.length], quantity: i + 1 })),
    },
    ...(shipment && { shipment: { ...shipment, items: undefined } }),
  });
  yield variant('long', {
    order: {
      ...order,
      number: 'ORD-2026-11-22-00000000000000000010482-REPLACEMENT-SHIPMENT-B-EU-NORTH-1',
      total: '1234567.89',
      currency: 'SEK',
      items: [
        { ...items[0], name: LONG_NAME, unitPrice: '617283.95', quantity: 2, total: '1234567.89' },
        { ...items[1], name: LONG_WORD, sku: LONG_WORD },
      ],
      shippingAddress: [LONG_WORD, LONG_NAME, '111 34 Stockholm'],
    },
    customer: { name: LONG_WORD },
    ...(shipment && {
      shipment: {
        ...shipment,
        trackingNumber: '00340434161094042557'.repeat(4),
        items: [{ name: LONG_NAME, quantity: 120 }],
      },
    }),
  });
}
