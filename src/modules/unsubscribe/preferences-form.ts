import { invalid } from '../../platform/http/index.js';
import { formTexts } from '../lists/index.js';
import { frequencies, pauses, personName } from '../subscribers/index.js';

/** What the form of the preference centre says. A field that it does not have is undefined: that stays as it is. */
export interface PreferencesForm {
  /** Slugs of the lists that the page showed, and of those that stayed ticked. */
  readonly shown: readonly string[];
  readonly kept: readonly string[];
  /** By slug: at most one mail in so many days, or null for all. */
  readonly frequency: ReadonlyMap<string, number | null>;
  /** Days from now; null ends a pause. */
  readonly pauseDays: number | null | undefined;
  /** Null empties it. */
  readonly name: string | null | undefined;
  /** As it was typed, for the page that says what is wrong with it. */
  readonly typedName: string;
  /** One of the languages of the pages. */
  readonly locale: string | undefined;
  readonly tracking: boolean | undefined;
}

/** What is wrong with a field that a person typed into. */
export interface PreferencesErrors {
  name?: 'invalid';
}

/**
 * @param languages those that may be chosen
 * @throws 422 for a choice that the page does not offer
 */
export function readPreferences(
  body: unknown,
  languages: readonly string[],
): { form: PreferencesForm; errors: PreferencesErrors } {
  const shown = formTexts(body, 'shown');
  const typedName = (formTexts(body, 'name')[0] ?? '').trim();
  const name = typedName === '' ? null : personName.safeParse(typedName);
  const form = {
    shown,
    kept: formTexts(body, 'list'),
    frequency: new Map(
      shown.flatMap((slug) => {
        const days = choice(body, `frequency-${slug}`, ['all', ...frequencies.map(String)]);
        return days === undefined ? [] : [[slug, days === 'all' ? null : Number(days)] as const];
      }),
    ),
    pauseDays: pauseOf(choice(body, 'pause', ['keep', 'none', ...pauses.map(String)])),
    name: formTexts(body, 'name').length === 0 ? undefined : (name?.data ?? null),
    typedName,
    locale: choice(body, 'language', languages),
    // A checkbox that is not ticked says nothing: the field beside it tells that the page showed one.
    tracking:
      formTexts(body, 'tracking-shown').length === 0
        ? undefined
        : formTexts(body, 'tracking').includes('yes'),
  };
  return { form, errors: name === null || name.success ? {} : { name: 'invalid' } };
}

function pauseOf(answer: string | undefined): number | null | undefined {
  if (answer === undefined || answer === 'keep') return undefined;
  return answer === 'none' ? null : Number(answer);
}

function choice(body: unknown, field: string, allowed: readonly string[]): string | undefined {
  const [answer] = formTexts(body, field);
  if (answer === undefined || allowed.includes(answer)) return answer;
  throw invalid(field, `must be one of ${allowed.join(', ')}`);
}
