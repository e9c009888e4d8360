import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyRing } from '../../platform/crypto/index.js';

/** A form that was opened longer ago is shown once more before it counts, in milliseconds. */
const OPEN_FOR_MS = 24 * 3_600_000;

const sheet = z.object({
  /** When it was handed out; null for a snippet, which stands in somebody's page for years. */
  at: z.number().nullable(),
  /** The consent text that the page showed. */
  text: z.string(),
  version: z.string(),
  /** Of the privacy policy that it linked to. */
  policyVersion: z.string().nullable(),
  /** Slugs of the lists that it offered. */
  offered: z.array(z.string()),
});

/** What a form showed when it was handed out. */
export type FormSheet = Omit<z.infer<typeof sheet>, 'at'>;

/**
 * The form carries, sealed, the very words that it showed, in a hidden field. So the ledger gets what this visitor read, not
 * what the page would say by now, and nobody can make it say something else.
 */
@Injectable()
export class FormSeal {
  constructor(private readonly keys: KeyRing) {}

  /** @param at when the form is handed out; null for a snippet, which has no such moment */
  seal(shown: FormSheet, at: number | null = Date.now()): string {
    return this.keys.sealJson('form', { ...shown, at }).toString('base64url');
  }

  /**
   * What was shown, and how long ago in milliseconds (null where nobody knows); undefined when the field was changed or is too old.
   */
  open(field: string): { shown: FormSheet; ageMs: number | null } | undefined {
    const plain = this.keys.unseal('form', Buffer.from(field, 'base64url'));
    if (!plain) return undefined;
    const { at, ...shown } = sheet.parse(JSON.parse(plain.toString()));
    const ageMs = at === null ? null : Date.now() - at;
    return ageMs !== null && ageMs > OPEN_FOR_MS ? undefined : { shown, ageMs };
  }
}
