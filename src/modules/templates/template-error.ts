export interface TemplateProblem {
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
