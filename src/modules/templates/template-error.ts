/** What an author writes besides the MJML. */
export type TemplatePart = 'text' | 'subject' | 'preheader';

export interface TemplateProblem {
  /** Unset: it is a mistake in the MJML, or shows in what became of it. */
  part?: TemplatePart;
  /** Counted from 1, in the text that the author wrote; unset where it cannot be told. */
  line?: number;
  message: string;
}

/** A template that cannot be compiled or filled. Each problem names the line and the thing. */
export class TemplateError extends Error {
  readonly problems: TemplateProblem[];

  constructor(problems: TemplateProblem[]) {
    super(problems.map(describeProblem).join('; '));
    this.name = 'TemplateError';
    this.problems = problems;
  }
}

export function describeProblem({ line, message }: TemplateProblem): string {
  return line === undefined ? message : `line ${line}: ${message}`;
}

/** Each problem under the field of the request that it stands in. */
export function fieldsOf(error: TemplateError): { field: string; message: string }[] {
  return error.problems.map((problem) => ({
    field: problem.part ?? 'mjml',
    message: describeProblem(problem),
  }));
}
