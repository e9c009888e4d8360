import type { PageData, PageName } from './page-data.js';

/** What a template shows beyond the data it was given: worked out here, because templates should only place things. */
type Views = { [P in PageName]?: (data: PageData[P]) => object };

const views: Views = {
  subscribe: ({ errors }) => {
    const problems = (['form', 'email', 'name', 'lists'] as const).flatMap((field) =>
      errors[field] === undefined ? [] : [{ field, phrase: `subscribe.error.${field}.${errors[field]}` }],
    );
    const { email = null, name = null, lists = null } = errors;
    return { problems, errors: { email, name, lists } };
  },
  preferences: ({ errors, languages }) => ({
    errors: { name: errors.name ?? null },
    languages: languages.map((language) => ({ ...language, name: nameInItself(language.locale) })),
  }),
  error: ({ waitSeconds }) => ({ wait: waitSeconds === null ? null : spokenWait(waitSeconds) }),
};

/** `Deutsch` for `de`: who looks for their language can read that much. */
function nameInItself(locale: string): string {
  const name = new Intl.DisplayNames(locale, { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

/** Seconds up to a minute and a half, then minutes: rounded up, so that nobody comes back too early. */
function spokenWait(seconds: number): { unit: 'Seconds' | 'Minutes'; count: number } {
  if (seconds <= 90) return { unit: 'Seconds', count: Math.max(1, Math.ceil(seconds)) };
  return { unit: 'Minutes', count: Math.ceil(seconds / 60) };
}

export function viewOf<P extends PageName>(page: P, data: PageData[P]): object {
  return { ...data, ...views[page]?.(data) };
}
