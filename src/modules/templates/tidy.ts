/** Line breaks and spaces that merge tags leave behind. */

/** Conditions that were not met leave empty lines. */
export function tidyText(text: string): string {
  return `${withoutHoles(text).trim()}\n`;
}

/** A line break from a name would end the header field. */
export function tidySubject(subject: string): string {
  return subject.replace(/\s+/g, ' ').trim();
}

/**
 * The text between values, so that with solid values between them (`isSolid`) they make what `tidyText` would make of the whole.
 * @param strings at least one
 */
export function tidyTextBetween(strings: readonly string[]): string[] {
  const tidied = strings.map(withoutHoles);
  tidied[0] = (tidied[0] ?? '').trimStart();
  tidied.push(`${tidied.pop()?.trimEnd()}\n`);
  return tidied;
}

/** Whether the line breaks around a value stay as they are: it is something, with no white space around it and no holes in it. */
export function isSolid(value: string): boolean {
  return value !== '' && value.trim() === value && !value.includes('\n\n\n');
}

function withoutHoles(text: string): string {
  return text.replace(/\n{3,}/g, '\n\n');
}
