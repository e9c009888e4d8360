/** Lists come in pages: `after` is what identifies the last of the page before. */
export interface PageQuery {
  readonly limit?: number;
  readonly after?: string;
}
