/** The first line of a generated file. */
export function generatedHeader(source: string): string {
  return `// Made from ${source} by \`npm run sdk\`; a test fails when it is stale.`;
}
