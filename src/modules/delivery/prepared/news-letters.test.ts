import { describe, expect, test } from '@jest/globals';
import type { Sender } from '../../lists/index.js';
import { PreparedTemplate } from '../../templates/index.js';
import { NewsLetters, type NewsLetterChoice } from './news-letters.js';

const sender = (name = 'Ash & Elm'): Sender => ({
  id: '0198f2a0-0000-7222-8333-444455556666',
  slug: 'shop',
  fromName: null,
  fromAddress: 'news@shop.example',
  replyTo: null,
  domain: 'shop.example',
  brand: {
    id: '0198f2a0-0000-7222-8333-444455556667',
    name,
    logoUrl: null,
    colour: '#b4441c',
    postalAddress: null,
    websiteUrl: null,
  },
});

const known = sender();
const choice = (change: Partial<NewsLetterChoice> = {}): NewsLetterChoice => ({
  batch: { id: '0198f2a0-1111-7222-8333-444455556666', name: 'November', revisionId: 'r1' },
  sender: known,
  list: { slug: 'workshop', name: 'The Workshop Letter' },
  locale: 'en',
  ...change,
});

const letters = () =>
  new NewsLetters(
    {
      prepared: (revisionId, locale) =>
        Promise.resolve(
          new PreparedTemplate({
            html: `${revisionId} {{ brand.name }} {{ list.name }} {{ campaign.name }}`,
            text: '',
            subject: '',
            locale,
          }),
        ),
    },
    false,
  );

const htmlOf = async (of: NewsLetters, what: NewsLetterChoice) =>
  (await of.of(what))
    .to(
      {
        deliveryId: 1,
        name: null,
        address: 'ada@example.com',
        timezone: 'UTC',
        links: {
          preferences: 'https://shop.example/p',
          unsubscribe: 'https://shop.example/u',
          unsubscribeMail: null,
        },
      },
      new Date(),
    )
    .toString();

describe('news letters', () => {
  test('are made once', async () => {
    const made = letters();
    const batch = { ...choice().batch };
    expect(await made.of(choice({ batch }))).toBe(await made.of(choice()));
  });

  test.each<[string, Partial<NewsLetterChoice>, string]>([
    ['another revision', { batch: { ...choice().batch, revisionId: 'r2' } }, 'r2'],
    ['another name of the campaign', { batch: { ...choice().batch, name: 'December' } }, 'December'],
    ['another batch', { batch: { ...choice().batch, id: '0198f2a0-2222' } }, 'Feedback-ID: 0198f2a0-2222:'],
    ['another list', { list: { slug: 'sales', name: 'Sales' } }, '<sales.lists.shop.example>'],
    ['another name of the list', { list: { slug: 'workshop', name: 'Shavings' } }, 'Shavings'],
    ['a sender that was read again', { sender: sender('Birch') }, 'Birch'],
  ])('%s makes another one', async (_, change, shows) => {
    const made = letters();
    expect(await htmlOf(made, choice())).not.toContain(shows);
    expect(await htmlOf(made, choice(change))).toContain(shows);
    expect(await htmlOf(made, choice())).not.toContain(shows);
  });

  test('each language has its own', async () => {
    const made = letters();
    expect(await made.of(choice())).not.toBe(await made.of(choice({ locale: 'de' })));
  });
});
