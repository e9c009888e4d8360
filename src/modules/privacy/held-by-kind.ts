/** Kinds that the page has words for, in the order in which it shows them. The rest is counted together. */
const named = [
  'person',
  'subscriptions',
  'choices',
  'consent',
  'mails',
  'events',
  'orders',
  'orderEvents',
  'suppressions',
] as const;

/** How much of each kind an export holds; what is empty is left out. @returns `label` is the key of a phrase */
export function heldByKind(data: Readonly<Record<string, unknown>>): { label: string; count: number }[] {
  const others = Object.keys(data).filter((kind) => !(named as readonly string[]).includes(kind));
  const other = others.reduce((sum, kind) => sum + entriesIn(data[kind]), 0);
  return [
    ...named.map((kind) => ({ label: `myData.kind.${kind}`, count: entriesIn(data[kind]) })),
    { label: 'myData.kind.other', count: other },
  ].filter(({ count }) => count > 0);
}

function entriesIn(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null || value === undefined ? 0 : 1;
}
