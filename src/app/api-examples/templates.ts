import { at, ids, page, type Examples } from './story.js';

const source = {
  subject: 'Your voucher',
  mjml: [
    "[% layout 'layouts/base.mjml' %]",
    '[% block content %]',
    '<mj-wrapper mj-class="card" css-class="card">',
    '  <mj-section><mj-column><mj-text css-class="ink">[[ t.hello ]] {{ code }}</mj-text></mj-column></mj-section>',
    '</mj-wrapper>',
    '[% endblock %]',
  ].join('\n'),
  text: '[[ t.hello ]] {{ code }}\n',
  preheader: 'Ten percent off your next order.',
  phrases: { en: { hello: 'Your code:' }, de: { hello: 'Ihr Gutschein:' } },
};
const sample = { code: 'WALNUT-10' };
const revision = {
  id: ids.template,
  origin: 'api',
  live: true,
  createdAt: at.accepted,
  publishedAt: at.accepted,
};

/** Templates, their revisions and previews. */
export const templates: Examples = {
  TemplatePage: page(
    { name: 'order-shipped', kind: 'builtin', live: ids.resend },
    { name: 'voucher', kind: 'own', live: ids.template },
  ),
  NewTemplate: { name: 'voucher', ...source, sample },
  NewTemplateRevision: { ...source, subject: 'A voucher for you', sample },
  StoredTemplateRevision: { ...revision, warnings: [] },
  Template: {
    name: 'voucher',
    kind: 'own',
    live: ids.template,
    locales: ['de', 'en'],
    variables: [{ name: 'code', type: 'string', required: true, example: 'WALNUT-10' }],
    source,
    sample,
  },
  TemplateRevisions: { data: [revision] },
  TemplateRevision: revision,
  TemplateRevisionView: { ...revision, source, sample },
  TemplatePreviewBody: { locale: 'de', variables: { code: 'WALNUT-10' } },
  TemplatePreview: {
    locale: 'de',
    subject: 'Your voucher',
    html: '<!doctype html>\n<html lang="de" dir="ltr">…',
    text: 'Ihr Gutschein: WALNUT-10\n',
    sizeBytes: 9812,
  },
  TemplatePublishBody: { revision: ids.template },
};
