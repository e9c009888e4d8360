/** Deeper than any body that a person wrote; keeps every recursive reader after this one off the end of the stack. */
const MAX_DEPTH = 32;

export interface TextProblem {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

/**
 * What makes a string unfit to be stored and mailed: NUL, which PostgreSQL and RFC 5322 §4 refuse, and half a surrogate
 * pair, which has no UTF-8 form.
 */
export function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not hold a NUL character';
  return text.isWellFormed() ? undefined : 'must not hold half a surrogate pair';
}

/** What others wrote, without what `textProblem` finds: for words that are kept as evidence and never sent. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** The first string (a key too) in a JSON value that is unfit, or a nesting that is too deep. */
export function findTextProblem(value: unknown): TextProblem | undefined {
  const open: { value: unknown; path: (string | number)[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path } = next;
    if (path.length > MAX_DEPTH)
      return { path: path.slice(0, 3), problem: `is nested deeper than ${MAX_DEPTH} levels` };
    if (typeof next.value === 'string') {
      const problem = textProblem(next.value);
      if (problem !== undefined) return { path, problem };
    }
    // Octets of a file hold no text, and there may be ten million of them.
    if (typeof next.value !== 'object' || next.value === null || ArrayBuffer.isView(next.value)) continue;
    for (const [key, inner] of Object.entries(next.value)) {
      const problem = textProblem(key);
      if (problem !== undefined) return { path, problem: `has a field name that ${problem}` };
      open.push({ value: inner, path: [...path, Array.isArray(next.value) ? Number(key) : key] });
    }
  }
  return undefined;
}
