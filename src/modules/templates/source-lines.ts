/**
 * Finds an expanded line in what the author wrote. Phase 1 puts layouts around a text and phrases into it, but most
 * lines come through unchanged: those are matched in order, and a line between two matches is counted from the first.
 */
export function authoredLines(expanded: string, authored: string): (line: number) => number | undefined {
  const target = expanded.split('\n');
  const written = authored.split('\n');
  const found = new Map<number, number>();
  let next = 0;
  written.forEach((text, index) => {
    if (!text.trim()) return;
    const at = target.indexOf(text, next);
    if (at === -1) return;
    found.set(at + 1, index + 1);
    next = at + 1;
  });
  const matches = [...found.keys()];
  return (line) => {
    const exact = found.get(line);
    if (exact !== undefined) return exact;
    const before = matches.findLast((match) => match < line);
    const after = matches.find((match) => match > line);
    if (before === undefined) return undefined;
    const counted = (found.get(before) as number) + (line - before);
    const limit = after === undefined ? written.length + 1 : (found.get(after) as number);
    return counted < limit ? counted : undefined;
  };
}
