/**
 * Joins the Prometheus texts of several processes into one: each sample gets a `process` label, and each family's HELP
 * and TYPE stand once, before its samples, as the text format wants.
 */
export function mergeExpositions(texts: readonly { process: string; text: string }[]): string {
  const families = new Map<string, { head: string[]; samples: string[] }>();
  for (const { process, text } of texts) {
    let family: { head: string[]; samples: string[] } | undefined;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const head = /^# (?:HELP|TYPE) (\S+)/.exec(line);
      if (head) {
        family = families.get(head[1] ?? '') ?? { head: [], samples: [] };
        families.set(head[1] ?? '', family);
        if (!family.head.includes(line)) family.head.push(line);
      } else {
        family?.samples.push(withProcess(line, process));
      }
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, '']).join('\n');
}

function withProcess(sample: string, process: string): string {
  const label = `process="${process.replaceAll(/["\\\n]/g, '_')}"`;
  return sample.replace(/^([a-zA-Z_:][\w:]*)(\{)?/, (_, name: string, brace: string | undefined) =>
    brace === undefined ? `${name}{${label}}` : `${name}{${label},`,
  );
}
