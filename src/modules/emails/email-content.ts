import { invalidFields } from '../../platform/http/index.js';
import type { MessageContent } from '../delivery/index.js';
import { fieldsOf, TemplateError, textFromHtml, verbatimSource, type Templates } from '../templates/index.js';
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
  return { subject, html, text: text ?? textFromHtml(html) };
}

async function fill(mail: { subject: string; mjml: string; text: string | null }, templates: Templates) {
  try {
    return (await templates.check(verbatimSource(mail))).fill({});
  } catch (error) {
    if (error instanceof TemplateError) throw invalidFields(fieldsOf(error));
    throw error;
  }
}
