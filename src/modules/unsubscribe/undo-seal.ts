import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyRing } from '../../platform/crypto/index.js';

/** The page after leaving offers the way back for so long, in milliseconds. */
const UNDO_FOR_MS = 30 * 60_000;

const sealed = z.object({
  kind: z.literal('undo'),
  /** The subject of the link that the page stood behind. */
  subject: z.uuid(),
  ids: z.array(z.uuid()),
  leftAt: z.iso.datetime(),
});

/** Subscriptions that ended together, of people who had confirmed them. */
export interface Left {
  readonly ids: readonly string[];
  readonly leftAt: Date;
}

/**
 * What the page after leaving carries in a hidden field, so that only the browser that left can undo it, and only for half an hour: the link in the
 * mail alone brings nobody back, or whoever a mail was forwarded to could.
 */
@Injectable()
export class UndoSeal {
  constructor(private readonly keys: KeyRing) {}

  seal(subject: string, { ids, leftAt }: Left): string {
    const field = { kind: 'undo', subject, ids, leftAt: leftAt.toISOString() };
    return this.keys.sealJson('form', field).toString('base64url');
  }

  /** What was left; undefined when the field was changed, is too old, or stood behind another link. */
  open(subject: string, field: string): Left | undefined {
    const plain = this.keys.unseal('form', Buffer.from(field, 'base64url'));
    const read = sealed.safeParse(plain && jsonOf(plain));
    if (!read.success || read.data.subject !== subject) return undefined;
    const leftAt = new Date(read.data.leftAt);
    return Date.now() - leftAt.getTime() <= UNDO_FOR_MS ? { ids: read.data.ids, leftAt } : undefined;
  }
}

function jsonOf(plain: Buffer): unknown {
  try {
    return JSON.parse(plain.toString());
  } catch {
    return undefined;
  }
}
