import { invalidFields } from '../../platform/http/index.js';
import { TemplateError, type FilledTemplate, type Templates, type Variables } from '../templates/index.js';

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
export async function fillNews(templates: Templates, news: NewsText, variables: Variables, locale = 'en'): Promise<FilledTemplate> {
  try {
    const prepared = await templates.check(templates.news(news), locale);
    return prepared.fill(variables);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw invalidFields(
      error.problems.map(({ line, message }) => ({
        field: fieldOf(message, news),
        message: line === undefined ? message : `line ${line}: ${message}`,
      })),
    );
  }
}

/** Problems in the subject and the preheader begin with their name; all others are in the body. */
function fieldOf(message: string, news: NewsText): string {
  const named = /^(subject|preheader)\b/.exec(message)?.[1];
  return named ?? (news.mjml === null ? 'content' : 'mjml');
}
