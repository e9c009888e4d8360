import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestApi } from '../support/api.js';
import { Engine } from '../support/engine.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import { TemplatesModule, templatesControllers } from '../../src/modules/templates/index.js';
import { Templates } from '../../src/modules/templates/templates.service.js';

const SHIPPED = fileURLToPath(new URL('../../templates', import.meta.url));

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ modules: [ListsModule, TemplatesModule], controllers: templatesControllers });
});
afterAll(() => api.stop());

const inLayout = (content: string) =>
  `[% layout 'layouts/base.mjml' %]\n[% block content %]\n<mj-section><mj-column>\n${content}\n</mj-column></mj-section>\n[% endblock %]`;
const giftCard = {
  name: 'gift-card',
  subject: '{{ giver }} sends you a gift',
  mjml: inLayout('<mj-text>[[ t.hello ]] {{ code }}{% if note %} {{ note }}{% endif %}</mj-text>'),
  phrases: { en: { hello: 'Your code:' }, de: { hello: 'Ihr Gutschein:' } },
  sample: { giver: 'Ada', code: 'XMAS-1', note: 'Enjoy' },
};

const live = async (name: string) => (await api.read(`/v1/templates/${name}`)).body.live as string;

describe('what is there', () => {
  test('all built-in mails, by pages', async () => {
    const { body } = await api.read('/v1/templates?limit=100');
    expect(body.data).toContainEqual({ name: 'order-placed', kind: 'builtin', live: expect.any(String) });
    const first = (await api.read('/v1/templates?limit=2')).body;
    expect(first).toMatchObject({ hasMore: true });
    const next = (await api.read(`/v1/templates?limit=2&after=${first.data[1].name}`)).body;
    expect(next.data[0]).toEqual(body.data[2]);
  });

  test('the variables of a mail, with types, examples, and whether it needs them', async () => {
    const { body } = await api.read('/v1/templates/order-placed');
    expect(body.locales).toEqual(expect.arrayContaining(['en', 'de']));
    expect(body.variables).toEqual(
      expect.arrayContaining([
        { name: 'order.number', type: 'string', required: true, example: '10482' },
        expect.objectContaining({ name: 'order.items', type: 'list', required: true }),
        expect.objectContaining({ name: 'order.items[].name', type: 'string', required: true }),
        expect.objectContaining({ name: 'order.items[].imageUrl', type: 'string', required: false }),
      ]),
    );
    const names = (body.variables as { name: string }[]).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('brand'))).toEqual([]);
    expect(body.source.mjml).toContain('layouts/base.mjml');
  });

  test('an unknown name is a 404, whatever is asked of it', async () => {
    expect(await api.read('/v1/templates/nope')).toMatchObject({ status: 404 });
    expect(await api.read('/v1/templates/nope/revisions')).toMatchObject({ status: 404 });
    expect(await api.post('/v1/templates/nope/preview', {})).toMatchObject({ status: 404 });
    expect(await api.post('/v1/templates/nope/publish', { revision: await live('welcome') })).toMatchObject({
      status: 404,
    });
    const { name: _, ...source } = giftCard;
    expect(await api.post('/v1/templates/nope/revisions', source)).toMatchObject({ status: 404 });
  });
});

test('a template of the own: live at once, shown in each language, one of a name', async () => {
  const made = await api.post('/v1/templates', giftCard);
  expect(made).toMatchObject({
    status: 201,
    body: { live: true, origin: 'api', publishedAt: expect.any(String) },
  });
  expect(await live('gift-card')).toBe(made.body.id);
  expect(await api.post('/v1/templates', giftCard)).toMatchObject({
    status: 409,
    body: { name: 'template_exists' },
  });
  expect((await api.read('/v1/templates/gift-card')).body.variables).toEqual([
    { name: 'code', type: 'string', required: true, example: 'XMAS-1' },
    { name: 'giver', type: 'string', required: true, example: 'Ada' },
    { name: 'note', type: 'string', required: false, example: 'Enjoy' },
  ]);
  const preview = await api.post('/v1/templates/gift-card/preview', {
    locale: 'de-AT',
    variables: { giver: '<b>Eve</b>', code: 'R&B' },
  });
  expect(preview).toMatchObject({
    status: 200,
    body: { locale: 'de-AT', subject: '<b>Eve</b> sends you a gift' },
  });
  expect(preview.body.html).toContain('Ihr Gutschein: R&amp;B Enjoy');
  expect(preview.body.text).toContain('Ihr Gutschein: R&B Enjoy');
  expect(await api.post('/v1/templates/gift-card/preview', { variables: { code: { a: 1 } } })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'variables' }] },
  });
});

describe('a built-in mail', () => {
  test('is replaced by a revision once that is published, and comes back', async () => {
    const shipped = await live('order-placed');
    const { source } = (await api.read('/v1/templates/order-placed')).body;
    const added = await api.post('/v1/templates/order-placed/revisions', {
      ...source,
      subject: 'Thank you for {{ order.number }}',
    });
    expect(added).toMatchObject({ status: 201, body: { live: false, publishedAt: null, warnings: [] } });
    expect(await live('order-placed')).toBe(shipped);
    expect(
      (await api.post('/v1/templates/order-placed/preview', { revision: added.body.id })).body.subject,
    ).toBe('Thank you for 10482');

    const { id } = added.body;
    expect(await api.post('/v1/templates/order-placed/publish', { revision: id })).toMatchObject({
      status: 200,
      body: { id, live: true, publishedAt: expect.any(String) },
    });
    expect(await api.get(Templates).live('order-placed')).toBe(id);
    const { data } = (await api.read('/v1/templates/order-placed/revisions')).body;
    expect(data).toMatchObject([
      { id, origin: 'api', live: true },
      { id: shipped, origin: 'shipped', live: false },
    ]);
    expect((await api.read(`/v1/templates/order-placed/revisions/${id}`)).body.source.subject).toContain(
      'Thank you',
    );

    await api.post('/v1/templates/order-placed/publish', { revision: shipped });
    expect(await live('order-placed')).toBe(shipped);
  });

  test('takes no revision of another one, and the layout of newsletters none at all', async () => {
    const revision = await live('welcome');
    expect(await api.post('/v1/templates/order-placed/publish', { revision })).toMatchObject({ status: 404 });
    const { name: _, ...source } = giftCard;
    expect(await api.post('/v1/templates/news/revisions', source)).toMatchObject({
      status: 409,
      body: { name: 'not_replaceable' },
    });
  });

  test('is not replaced by one that needs what a store may leave out', async () => {
    const answer = await api.post('/v1/templates/order-placed/revisions', {
      subject: 'Order {{ order.number }}',
      mjml: inLayout(
        '<mj-text>{% for item in order.items %}\n{{ item.name }} {{ item.imageUrl }}\n{% endfor %}</mj-text>',
      ),
    });
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.body.details).toContainEqual({
      field: 'mjml',
      message: expect.stringMatching(/^line 5: the variable "order\.items\[\]\.imageUrl" may be missing/),
    });
  });
});

describe('a mistake is a 422 with its field and its line, and what was live stays', () => {
  const whole = (body: string) => `<mjml>\n<mj-body>\n${body}\n</mj-body>\n</mjml>`;
  const text = (content: string) => inLayout(`<mj-text>${content}</mj-text>`);

  test.each<[string, object, string, RegExp]>([
    ['Liquid that is none', { mjml: text('{% if a %}') }, 'mjml', /not closed/],
    ['Liquid in the subject', { subject: 'Hi {{ giver' }, 'subject', /subject/],
    ['a filter that is not there', { text: 'Hi {{ giver | nope }}' }, 'text', /"nope" does not exist/],
    ['MJML that is none', { mjml: inLayout('<mj-tex>x</mj-tex>') }, 'mjml', /line 4: .*mj-tex/],
    ['a missing variable', { mjml: text('\n{{ nobody }}') }, 'mjml', /line 5: .*"nobody" is missing/],
    ['a missing variable of the subject', { subject: '{{ nobody }}' }, 'subject', /"nobody" is missing/],
    ['a phrase that no language has', { mjml: text('[[ t.nope ]]') }, 'mjml', /t\.nope/],
    [
      'a picture without alt text',
      { mjml: inLayout('<mj-image src="https://shop.example/a.png" />') },
      'mjml',
      /line 4: .*alt/,
    ],
    [
      'no dark mode',
      { mjml: whole('<mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>') },
      'mjml',
      /dark mode/,
    ],
    ['more than Gmail shows', { mjml: text('x'.repeat(103 * 1024)) }, 'mjml', /102 KB/],
    ['a script', { mjml: text('<script>1</script>') }, 'mjml', /script/],
    ['a layout that is not there', { mjml: "[% layout 'layouts/nope' %]" }, 'mjml', /layouts\/nope/],
    ['a field of its own', { colour: 'red' }, '', /colour/],
    ['NUL', { mjml: 'a\0' }, 'mjml', /NUL/],
    ['a language that is none', { phrases: { '??': {} } }, 'phrases.??', /./],
  ])('%s', async (_, change, field, message) => {
    const before = await live('gift-card');
    const { name: __, ...source } = giftCard;
    const answer = await api.post('/v1/templates/gift-card/revisions', { ...source, ...change });
    expect(answer).toMatchObject({ status: 422, body: { name: 'validation_failed' } });
    const [detail] = answer.body.details;
    if (field !== '') expect(detail.field).toBe(field);
    expect(`${detail.field} ${detail.message}`).toMatch(message);
    expect(await live('gift-card')).toBe(before);
  });

  test.each(['Gift', '../etc', 'layouts', ''])('the name "%s"', async (name) => {
    expect(await api.post('/v1/templates', { ...giftCard, name })).toMatchObject({
      status: 422,
      body: { details: [{ field: 'name' }] },
    });
  });
});

test('TEMPLATES_DIR: what is good is live at the start, what is bad changes nothing, what is gone gives way', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'postrider-own-'));
  const write = async (name: string, subject: string, mjml?: string) => {
    await mkdir(join(dir, name), { recursive: true });
    if (mjml === undefined) await cp(join(SHIPPED, name), join(dir, name), { recursive: true });
    else await writeFile(join(dir, name, 'body.mjml'), mjml);
    await writeFile(join(dir, name, 'subject.liquid'), subject);
  };
  const subjects = async (...names: string[]) => {
    const engine = await Engine.start({
      smtpUrl: 'smtp://127.0.0.1:9',
      ...api.shared,
      environment: { TEMPLATES_DIR: dir },
    });
    const templates = engine.app.get(Templates, { strict: false });
    const found = await Promise.all(
      names.map(async (name) => {
        const id = await templates.live(name);
        return (
          id &&
          (await templates.prepared(id, 'en')).fill(templates.sampleFor({}, templates.builtin(name))).subject
        );
      }),
    );
    await engine.stop();
    return found;
  };
  try {
    const welcome = (await subjects('welcome'))[0];
    await write('order-paid', 'Paid: {{ order.number }}');
    await write('welcome', 'Welcome {{ nobody }}');
    await write('own-mail', 'Of our own', inLayout('<mj-text>Hello</mj-text>'));
    expect(await subjects('order-paid', 'welcome', 'own-mail')).toEqual([
      'Paid: 10482',
      welcome,
      'Of our own',
    ]);

    await write('order-paid', 'Thanks for {{ order.number }}');
    expect(await subjects('order-paid')).toEqual(['Thanks for 10482']);
    await write('order-paid', 'Broken {{');
    expect(await subjects('order-paid')).toEqual(['Thanks for 10482']);

    await rm(join(dir, 'order-paid'), { recursive: true });
    const shipped = await readFile(join(SHIPPED, 'order-paid/phrases/en.json'), 'utf8');
    expect(shipped).toContain('subject');
    expect((await subjects('order-paid'))[0]).not.toContain('Thanks for');
  } finally {
    await rm(dir, { recursive: true });
  }
});
