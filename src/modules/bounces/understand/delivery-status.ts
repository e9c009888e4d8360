import { addressIn } from './addresses.js';
import { first, type Fields } from './fields.js';

/** One recipient's block of a delivery status notification (RFC 3464 §2.3). */
export interface StatusBlock {
  readonly address: string | null;
  readonly action: Action | null;
  readonly status: string | null;
  /** What stands behind the status in brackets, where the diagnostic code is missing often the only words. */
  readonly comment: string;
  /** The diagnostic code's type (`smtp`, `x-unix`, …) in lower case, and its text. */
  readonly diagnosticType: string;
  readonly diagnostic: string;
}

export type Action = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
const actions: readonly Action[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

export function statusBlocks(blocks: readonly Fields[]): StatusBlock[] {
  return blocks
    .filter((fields) => fields.has('final-recipient') || fields.has('original-recipient'))
    .map(block);
}

function block(fields: Fields): StatusBlock {
  const diagnostic = fields.get('diagnostic-code') ?? [];
  const [, type, text] = /^([\w.-]{1,40})\s*;\s*(.*)$/s.exec(longest(diagnostic)) ?? [];
  const said = first(fields, 'action')?.toLowerCase() ?? '';
  return {
    address: recipient(fields),
    // Postfix answers a test with "deliverable".
    action: said.startsWith('deliverable')
      ? 'delivered'
      : (actions.find((action) => said.startsWith(action)) ?? null),
    status: /[245]\.\d{1,3}\.\d{1,3}/.exec(first(fields, 'status') ?? '')?.[0] ?? null,
    comment: /\((.{1,500})\)/.exec(first(fields, 'status') ?? '')?.[1] ?? '',
    diagnosticType: type?.toLowerCase() ?? '',
    diagnostic: (text ?? longest(diagnostic)).trim(),
  };
}

/** The final recipient is who it ended at; the original is the one that we know (RFC 3464 §2.3.1), where it is an address. */
function recipient(fields: Fields): string | null {
  const final = first(fields, 'final-recipient');
  const original = addressIn(first(fields, 'original-recipient'));
  return original ?? addressIn(final);
}

const longest = (values: readonly string[]): string =>
  values.reduce((most, value) => (value.length > most.length ? value : most), '');
