import type { BuiltinTemplate, TemplateSource, Variables } from '../../src/modules/templates/types.js';

interface MailVariant {
  name: string;
  template: string;
  source: TemplateSource;
  variables: Variables;
}

type Fields = Record<string, unknown>;

const LONG_NAME =
  'Hand-thrown stoneware casserole with lid, speckled oatmeal glaze, 3.2 litres, dishwasher and oven safe up to 260 °C';
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const HOSTILE = `<script>alert("1")</script> & 'Söhne' "GmbH"`;

/** The built-in mails with their samples, and with what shops really send. */
export function* mailVariants(templates: Map<string, BuiltinTemplate>): Generator<MailVariant> {
  for (const [name, template] of templates) {
    const variant = (suffix: string, changes: Fields): MailVariant => ({
      name: suffix ? `${name}-${suffix}` : name,
      template: name,
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
    if (sample.order) yield* orderVariants(sample.order, sample.shipment, variant);
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
    order: { ...order, items: items.map(({ imageUrl, ...item }, i) => (i === 1 ? item : { ...item, imageUrl })) },
  });
  yield variant('twelve', {
    order: { ...order, items: Array.from({ length: 12 }, (_, i) => ({ ...items[i % items.length], quantity: i + 1 })) },
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
      shipment: { ...shipment, trackingNumber: '00340434161094042557'.repeat(4), items: [{ name: LONG_NAME, quantity: 120 }] },
    }),
  });
}
