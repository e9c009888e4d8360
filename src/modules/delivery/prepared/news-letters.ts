import { LRUCache } from 'lru-cache';
import type { Sender } from '../../lists/index.js';
import type { PreparedTemplate } from '../../templates/index.js';
import { NewsLetter, type NewsLetterFacts } from './news-letter.js';

/** What makes one news letter another than the next. */
export interface NewsLetterChoice {
  readonly batch: NewsLetterFacts['batch'] & { readonly revisionId: string };
  readonly sender: Sender;
  readonly list: NewsLetterFacts['list'];
  /** As the recipient asks for it. */
  readonly locale: string;
}

/** Where templates come from; `Templates` in the program. */
export interface TemplateShelf {
  prepared(revisionId: string, locale: string): Promise<PreparedTemplate>;
}

/** A batch needs one for each language and list; each holds its letter a few times over. */
const MAX_LETTERS = 200;

/** The news letters that are being sent. */
export class NewsLetters {
  private readonly letters = new LRUCache<string, { sender: Sender; letter: NewsLetter }>({
    max: MAX_LETTERS,
  });

  /** @param leaveByMail whether `links.unsubscribeMail` is there at all */
  constructor(
    private readonly templates: TemplateShelf,
    private readonly leaveByMail: boolean,
  ) {}

  /**
   * Made when it is asked for the first time, and made anew when the sender was read again: its brand may be another one then.
   * @throws TemplateError for a template that does not compile, MimeError as `NewsLetter`
   */
  async of({ batch, sender, list, locale }: NewsLetterChoice): Promise<NewsLetter> {
    // PostgreSQL has no NUL in a name.
    const key = [batch.id, batch.revisionId, batch.name, list?.slug, list?.name, locale].join('\0');
    const known = this.letters.get(key);
    if (known?.sender === sender) return known.letter;
    const template = await this.templates.prepared(batch.revisionId, locale);
    const letter = new NewsLetter({ batch, sender, list, template, leaveByMail: this.leaveByMail });
    this.letters.set(key, { sender, letter });
    return letter;
  }
}
