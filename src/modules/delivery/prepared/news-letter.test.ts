import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import type { Sender } from '../../lists/index.js';
import { PreparedTemplate, TemplateError } from '../../templates/index.js';
import { newsHeaders, ownNewsHeaders, type LeavingLinks } from '../headers.js';
import { newsVariables } from '../mail-variables.js';
import { composeMime } from '../mime/compose-mime.js';
import { MimeError } from '../mime/mime-error.js';
import { NewsLetter, type NewsLetterFacts, type NewsRecipient } from './news-letter.js';

const DATE = new Date('2026-11-22T09:41:00Z');

const sender = (brand: Partial<Sender['brand']> = {}): Sender => ({
  id: '0198f2a0-0000-7222-8333-444455556666',
  slug: 'shop',
  fromName: 'Ash & Elm',
  fromAddress: 'news@shop.example',
  replyTo: 'help@shop.example',
  domain: 'shop.example',
  brand: {
    id: '0198f2a0-0000-7222-8333-444455556667',
    name: 'Ash & Elm',
    logoUrl: null,
    colour: '#b4441c',
    postalAddress: '14 Harbour Lane\nFalmouth',
    websiteUrl: 'https://shop.example/',
    ...brand,
  },
});

type NewsFacts = NewsLetterFacts & { readonly list: NonNullable<NewsLetterFacts['list']> };
type Reader = NewsRecipient & { readonly links: LeavingLinks };

const factsOf = (template: PreparedTemplate, change: Partial<NewsFacts> = {}): NewsFacts => ({
  batch: { id: '0198f2a0-1111-7222-8333-444455556666', name: 'Letter, November' },
  sender: sender(),
  list: { slug: 'workshop', name: 'The Workshop Letter' },
  template,
  leaveByMail: true,
  ...change,
});

const recipient = (change: Partial<Reader> = {}): Reader => ({
  deliveryId: 7,
  name: 'Zoë',
  address: 'zoe@example.com',
  timezone: 'Europe/Stockholm',
  links: {
    preferences: `https://mail.shop.example/preferences/${'p'.repeat(75)}`,
    unsubscribe: `https://mail.shop.example/unsubscribe/${'u'.repeat(75)}`,
    unsubscribeMail: `mailto:leave-${'l'.repeat(56)}@bounces.shop.example?subject=unsubscribe`,
  },
  ...change,
});

/** The same mail, with nothing prepared. */
function inFull(facts: NewsFacts, person: Reader): Buffer {
  const { batch, list, template } = facts;
  const filled = template.fill(
    newsVariables({
      ...facts,
      recipient: { name: person.name, locale: template.locale },
      links: person.links,
      campaignName: batch.name,
    }),
    { timezone: person.timezone },
  );
  const own = ownNewsHeaders(person.links, person.deliveryId);
  const fields = newsHeaders({ campaignId: batch.id, list, sender: facts.sender });
  return composeMime({
    from: { name: facts.sender.fromName ?? '', address: facts.sender.fromAddress },
    to: [{ name: person.name ?? '', address: person.address }],
    replyTo: facts.sender.replyTo ? [{ name: '', address: facts.sender.replyTo }] : [],
    subject: filled.subject,
    date: DATE,
    messageId: `${batch.id}.${person.deliveryId}@${facts.sender.domain}`,
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value ?? own[name] ?? '']),
    ),
    text: filled.text,
    html: filled.html,
  });
}

async function read(raw: Buffer): Promise<unknown> {
  const { headers, html, text } = await PostalMime.parse(raw);
  const content = (part: string | undefined) => part?.replace(/\r\n?/g, '\n').trimEnd();
  return {
    headers: headers.map(({ key, value }) => [key, key === 'content-type' ? '' : value]),
    html: content(html),
    text: content(text),
  };
}

function expectSound(raw: Buffer): void {
  const wire = raw.toString('latin1');
  expect(wire.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0\x80-\xff]/);
  for (const line of wire.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
}

/** Both ways give the same mail, or the same error. */
async function expectSame(facts: NewsFacts, people: readonly Reader[]): Promise<void> {
  const letter = new NewsLetter(facts);
  for (const person of people) {
    let expected: Buffer;
    try {
      expected = inFull(facts, person);
    } catch (error) {
      expect(() => letter.to(person, DATE)).toThrow((error as Error).message);
      continue;
    }
    const raw = letter.to(person, DATE);
    expectSound(raw);
    expect(await read(raw)).toEqual(await read(expected));
  }
}

const name = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    'Ann',
    'Zoë',
    '李',
    'a\r\nBcc: b@c.example',
    'a\0',
    '=?UTF-8?Q?a?=',
    '<b>"&\'',
  ),
  fc.constantFrom('x'.repeat(500), `${'ä'.repeat(300)} .`, '.', 'From a', ' a ', '\u{1F468}\u200d\u{1F469}'),
  fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\ufeff', '')),
);
const people = fc.array(
  fc.record({ name, deliveryId: fc.nat() }).map((change) => recipient(change)),
  { minLength: 1, maxLength: 3 },
);

test('any template is the same for everybody, prepared or not', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{{ recipient.name }}',
      '{{ recipient.name | default: "there" | upcase }}',
      '{{ recipient.name | truncate: 3, "" }}',
      '{% if recipient.name %}\nHello {{ recipient.name }}\n{% endif %}',
      '{% assign who = recipient.name %}{{ who }}',
      '<a href="{{ links.unsubscribe }}">',
      '{% if links.unsubscribeMail %}<a href="{{ links.unsubscribeMail }}">{% endif %}',
      '{{ links.preferences | urlencode }}',
      '{{ brand.postalAddress | newline_to_br }}',
      '{{ list.name }}, {{ campaign.name }}, {{ sender.address }}, {{ links.contact }}',
      '{{ "2026-11-22T23:30:00Z" | day }}',
      '{{ recipient.age }}',
    ),
    fc.constantFrom(
      '\n',
      '\r\n',
      '\n\n\n',
      ' ',
      '=',
      '.',
      'From ',
      'Größe',
      '您的订单已发货',
      '\u{1F600}',
      '--=_0198f2a0',
    ),
    fc.string({ unit: 'binary' }).map((any) => any.replaceAll(/[{}%\0\ufeff]/g, '').toWellFormed()),
  );
  const part = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
  await fc.assert(
    // News always has an HTML part; a mail of text alone is another matter.
    fc.asyncProperty(part, part, part, people, (html, text, subject, several) =>
      expectSame(factsOf(new PreparedTemplate({ html: `<p>${html}`, text, subject, locale: 'en' })), several),
    ),
    { numRuns: 300 },
  );
}, 30_000);

test('where no mail is received, the foot is the same for all, and says so', async () => {
  const foot =
    '{% if links.unsubscribeMail %}<a href="{{ links.unsubscribeMail }}">{% else %}{{ sender.address }}{% endif %} {{ recipient.name }}';
  const template = new PreparedTemplate({ html: foot, text: foot, subject: '', locale: 'en' });
  const { links } = recipient();
  const nobody = recipient({ links: { ...links, unsubscribeMail: null } });
  await expectSame(factsOf(template, { leaveByMail: false }), [nobody]);
});

describe('a mail that cannot be written', () => {
  const template = new PreparedTemplate({ html: '{{ recipient.age }}', text: '', subject: '', locale: 'en' });
  const plain = new PreparedTemplate({ html: '', text: '', subject: '', locale: 'en' });

  test('names the variable that is missing', () => {
    const letter = new NewsLetter(factsOf(template));
    expect(() => letter.to(recipient(), DATE)).toThrow(TemplateError);
    expect(() => letter.to(recipient(), DATE)).toThrow('the variable "recipient.age" is missing');
  });

  test('names the field that the sender or the recipient spoils', () => {
    const broken = { ...sender(), fromName: 'a\nb' };
    expect(() => new NewsLetter(factsOf(plain, { sender: broken }))).toThrow(MimeError);
    expect(() => new NewsLetter(factsOf(plain)).to(recipient({ name: 'a\nb' }), DATE)).toThrow(
      'To holds a line break',
    );
  });
});
