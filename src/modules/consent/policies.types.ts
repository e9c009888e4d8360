/** A version of the privacy policy, without its text. */
export interface PolicyHead {
  readonly id: string;
  /** As the operator names it, or its running number. */
  readonly version: string;
  /** The day that the policy itself names, `YYYY-MM-DD`. */
  readonly revisedOn: string;
  readonly publishedAt: Date;
  readonly locales: readonly string[];
}

export interface Policy extends PolicyHead {
  /** Markdown by locale. */
  readonly bodies: Readonly<Record<string, string>>;
}

export interface NewPolicy {
  readonly version?: string | undefined;
  readonly revisedOn: string;
  readonly bodies: Readonly<Record<string, string>>;
}
