/** Phrases of one language, by key: plain text that may contain Liquid (`{{ order.number }}`). */
export type Phrases = Record<string, string>;

/**
 * Everything that a compile reads, so that a revision stored with it compiles the same for ever.
 *
 * `mjml`, `text`, `subject` and `preheader` go through two Liquid phases: `[[ ]]` and `[% %]` once per locale,
 * `{{ }}` and `{% %}` once per recipient.
 */
export interface TemplateSource {
  mjml: string;
  /** The text part. Null: it is derived from the compiled HTML. */
  text: string | null;
  subject: string;
  /** The line that an inbox shows after the subject. Unset: the phrase `preheader`, if there is one. */
  preheader?: string | null;
  /** By locale (`en`, `de`, `pt-BR`). */
  phrases: Record<string, Phrases>;
  /** Layouts and partials by name: `layouts/base`, `partials/dark.css`. */
  partials?: Record<string, string>;
  /** Text that phase 1 copies verbatim where it says `[[ slots.name ]]`: what a person wrote, never parsed as phase 1. */
  slots?: Record<string, string>;
}

/** What a compile gives: Liquid for phase 2, plain JSON, so that it can be stored. */
export interface CompiledTemplate {
  html: string;
  text: string;
  subject: string;
  /** The locale whose phrases and formats (dates, money, plurals) are used; the requested one or a fallback. */
  locale: string;
  warnings: string[];
  /** UTF-8 bytes of `html`, before it is filled. */
  sizeBytes: number;
}

/** What phase 2 may read. Money is a decimal string, a moment an ISO 8601 string. */
export type Variables = Record<string, unknown>;

export interface FilledTemplate {
  html: string;
  text: string;
  subject: string;
}

/** A mail that comes with Postrider. */
export interface BuiltinTemplate {
  name: string;
  source: TemplateSource;
  /** Variables of a believable mail, for previews and tests. */
  sample: Variables;
  /** SHA-256 of the source, hex: changes when the mail, its phrases or a layout or partial it uses changes. */
  checksum: string;
}
