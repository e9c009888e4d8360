import type { TemplateError, TemplatePart, TemplateProblem } from './template-error.js';

interface LiquidErrorLike extends Error {
  token?: { file?: string; getPosition?: () => [number, number] };
}

const PARTS: readonly TemplatePart[] = ['text', 'subject', 'preheader'];

/** An error of the Liquid engine as a problem: what is wrong, where, without the engine's own decoration. */
export function liquidProblem(error: unknown, where: string): TemplateProblem {
  const { message, token } = error as LiquidErrorLike;
  const line = token?.getPosition?.()[0];
  const file = token?.file ? `${where}, ${token.file}` : where;
  const plain = message
    .replace(/, file:.*$/s, '')
    .replace(/, line:\d+, col:\d+$/, '')
    .replace(/^undefined variable: (.*)$/, 'the variable "$1" is missing')
    .replace(/^undefined filter: (.*)$/, 'the filter "$1" does not exist')
    .replace(/^tag "(.*)" not found$/, 'the tag "$1" does not exist');
  const part = PARTS.find((name) => name === where);
  return { ...(part && { part }), ...(line !== undefined && { line }), message: `${file}: ${plain}` };
}

/** The variable that a problem is about, where it is about a missing one. */
export function missingVariable({ message }: TemplateProblem): string | undefined {
  return /the variable "(.*)" is missing$/.exec(message)?.[1];
}

/** Why a template cannot be filled, each problem under the field of the request that it is about: `variables.order.number`. */
export function fillProblems({ problems }: TemplateError): { field: string; message: string }[] {
  return problems.map((problem) => {
    const missing = missingVariable(problem);
    return { field: missing === undefined ? 'variables' : `variables.${missing}`, message: problem.message };
  });
}
