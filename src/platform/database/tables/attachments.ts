import type { Generated } from 'kysely';
import type { SetByDatabase } from './platform.js';

interface Blobs {
  /** Of the content in clear. */
  sha256: Buffer;
  /** Of the content in clear. */
  octets: number;
  content: Buffer;
  stored_at: SetByDatabase;
}

interface MessageBlobs {
  bucket: string;
  message_id: string;
  sha256: Buffer;
}

interface DeliveryTries {
  id: Generated<number>;
  message_id: string;
  delivery_id: number;
  at: SetByDatabase;
  state: 'sent' | 'failed' | 'deferred' | 'unknown';
  relay: string | null;
  reply_code: number | null;
  reply: string | null;
}

export interface AttachmentsTables {
  blobs: Blobs;
  message_blobs: MessageBlobs;
  delivery_tries: DeliveryTries;
}
