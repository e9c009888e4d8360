import type { FillSettings } from './fill-engine.js';
import { joinForm, type FormPart } from './form-part.js';
import { isSolid, tidySubject, tidyText, tidyTextBetween } from './tidy.js';
import type { Variables } from './types.js';

/** One recipient's values, to stand between the strings of the form letter. */
export interface FilledForm {
  readonly html: readonly string[];
  /** The whole part where the values change the line breaks around them. */
  readonly text: readonly string[] | string;
  readonly subject: string;
}

/** A template in which everything that its recipients have in common is filled: see `PreparedTemplate.formLetter`. */
export class FormLetter {
  /** What stands around the values of the HTML part: one more than there are values. */
  readonly html: readonly string[];
  /** The same for the text part. */
  readonly text: readonly string[];
  /** Null where it has personal values. */
  readonly subject: string | null;

  constructor(
    private readonly locale: string,
    private readonly parts: { readonly html: FormPart; readonly text: FormPart; readonly subject: FormPart },
  ) {
    this.html = parts.html.strings;
    this.text = tidyTextBetween(parts.text.strings);
    const [subject, ...more] = parts.subject.strings;
    this.subject = more.length === 0 ? tidySubject(subject ?? '') : null;
  }

  /** With the strings of the form letter it makes what `PreparedTemplate.fill` makes. @throws TemplateError as that does */
  fill(variables: Variables, options: { timezone?: string } = {}): FilledForm {
    const settings: FillSettings = { locale: this.locale, timezone: options.timezone ?? 'UTC' };
    const { html, text, subject } = this.parts;
    // First, as `PreparedTemplate.fill` does: of several mistakes the same one is told.
    const filledSubject =
      this.subject ?? tidySubject(joinForm(subject.strings, subject.values(variables, settings)));
    const htmlValues = html.values(variables, settings);
    const textValues = text.values(variables, settings);
    return {
      html: htmlValues,
      text: textValues.every(isSolid) ? textValues : tidyText(joinForm(text.strings, textValues)),
      subject: filledSubject,
    };
  }
}
