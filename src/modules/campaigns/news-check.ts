import { invalidFields } from '../../platform/http/index.js';
import {
  PreparedTemplate,
  TemplateError,
  type FilledTemplate,
  type Templates,
  type Variables,
} from '../templates/index.js';

export interface NewsText {
  readonly subject: string;
  readonly preheader: string | null;
  readonly content: string | null;
  readonly mjml: string | null;
}

/**
 * Compiles a campaign's content and fills it once, so that a mistake is the marketer's to see and not every subscriber's.
 * @throws 422 with each problem, its field and its line
 */
export async function fillNews(
  templates: Templates,
  news: NewsText,
  variables: Variables,
  locale = 'en',
): Promise<FilledTemplate> {
  const body = news.mjml === null ? 'content' : 'mjml';
  for (const field of ['subject', 'preheader'] as const) {
    const line = { html: '', text: '', subject: news[field] ?? '', locale };
    await namingField(field, () => new PreparedTemplate(line).fill(variables));
  }
  const prepared = await namingField(body, () => templates.check(templates.news(news), locale));
  return namingField(body, () => prepared.fill(variables), news[body] ?? '');
}

/** @param written where given, lines are looked up in it: those of a fill count in the compiled HTML, which nobody wrote */
async function namingField<T>(
  field: keyof NewsText,
  action: () => T | Promise<T>,
  written?: string,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const problems = error.problems.map(({ line, message }) => {
      const plain = message.replace(/^(?:html|text|subject): /, '');
      const own = written === undefined ? line : lineOf(/"(.+?)"/.exec(plain)?.[1], written);
      return { field, message: own === undefined ? plain : `line ${own}: ${plain}` };
    });
    throw invalidFields(problems);
  }
}

function lineOf(name: string | undefined, written: string): number | undefined {
  const at = name === undefined ? -1 : written.indexOf(name);
  return at < 0 ? undefined : written.slice(0, at).split('\n').length;
}
