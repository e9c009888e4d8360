import { createHash } from 'node:crypto';
import type { PageName } from './page-data.js';

/** Pages that a search engine may keep: those without a token, an address or somebody's mail. */
const INDEXABLE: ReadonlySet<PageName> = new Set(['home', 'subscribe', 'privacy']);

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * The response headers of a page. The policy allows exactly the one style sheet (and, for the operator's pages, the
 * one script) that stands in the page, named by hash: markup that slips in from data can neither style nor run.
 * `no-referrer` because tokens are in URLs; `no-store` because a shared computer keeps pages.
 */
export function pageHeaders(page: PageName, style: string, script: string | null): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(style)}`,
    "img-src https: data: 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(script === null
      ? []
      : [`script-src ${hashSource(script)}`, "connect-src 'self'", "frame-src 'self'"]),
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    vary: 'Accept-Language',
    ...(INDEXABLE.has(page) ? {} : { 'x-robots-tag': 'noindex' }),
  };
}
