import { convert } from 'html-to-text';
import { invalid } from '../../platform/http/index.js';
import type { MessageContent } from '../delivery/index.js';
import { TemplateError, verbatimSource, type Templates } from '../templates/index.js';
import type { NewEmail } from './emails.schemas.js';

/**
 * What a mail says, from the three ways of writing it. MJML is compiled here, off the main thread and before any
 * transaction is open; it has no variables, so a merge tag in it is the caller's mistake.
 * @throws 422 with the line, when the MJML is wrong
 */
export async function contentOf(mail: NewEmail, templates: Templates): Promise<MessageContent> {
  if (mail.template !== undefined) return { template: mail.template, variables: mail.variables ?? {} };
  const { subject = '', text, html = '' } = mail;
  if (mail.mjml !== undefined) {
    const filled = await fill({ subject, mjml: mail.mjml, text: text ?? null }, templates);
    return { subject, html: filled.html, text: filled.text };
  }
  return { subject, html, text: text ?? textOf(html) };
}

async function fill(mail: { subject: string; mjml: string; text: string | null }, templates: Templates) {
  try {
    return (await templates.check(verbatimSource(mail))).fill({});
  } catch (error) {
    if (error instanceof TemplateError) throw invalid('mjml', error.message);
    throw error;
  }
}

/** Deeper HTML is cut: the walk is recursive, and a body of a megabyte could nest a hundred thousand elements. */
const MAX_DEPTH = 200;

function textOf(html: string): string {
  return convert(html, {
    wordwrap: false,
    limits: { maxDepth: MAX_DEPTH },
    selectors: [
      { selector: 'a', options: { linkBrackets: ['(', ')'], hideLinkHrefIfSameAsText: true } },
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  }).trim();
}
