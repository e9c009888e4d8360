import { KeyRing } from './key-ring.js';

/**
 * What a link in a mail may do. The number is in the token: never reuse one.
 * `subject` is the id of an opt-in request (confirm), of a subscription (unsubscribe), of a person (preferences, policy), of a fresh
 * link that was asked for by mail (manage, address), of a sign-up (status).
 */
const purposes = {
  confirm: 1,
  unsubscribe: 2,
  preferences: 3,
  manage: 4,
  address: 5,
  policy: 6,
  status: 7,
} as const;
export type TokenPurpose = keyof typeof purposes;

export interface LinkToken {
  readonly purpose: TokenPurpose;
  readonly subject: string;
  /** The delivery whose mail carried the link, where one did. */
  readonly delivery: number | null;
}

const VERSION = 1;
const LENGTH = 1 + 1 + 16 + 8;

/**
 * Opaque tokens for links: `{version, purpose, subject, delivery?}` under AES-256-GCM with the key's id in front.
 * No address is in a URL, nothing can be forged or read, and a token of one purpose opens no other door.
 */
export class LinkTokens {
  constructor(private readonly keys: KeyRing) {}

  make(purpose: TokenPurpose, subject: string, delivery: number | null = null): string {
    const plain = Buffer.alloc(LENGTH);
    plain.writeUInt8(VERSION, 0);
    plain.writeUInt8(purposes[purpose], 1);
    plain.write(subject.replaceAll('-', ''), 2, 'hex');
    plain.writeBigUInt64BE(BigInt(delivery ?? 0), 18);
    return this.keys.seal('token', plain).toString('base64url');
  }

  /** For a token that does not read: whether its key has been learned of just now, so that it is worth another try. */
  async learn(token: string): Promise<boolean> {
    return token.length <= 200 && this.keys.learn(Buffer.from(token, 'base64url'));
  }

  /** The token's content, or undefined when it was forged, cut, or made for another purpose. */
  read(token: string, purpose: TokenPurpose): LinkToken | undefined {
    if (token.length > 200) return undefined;
    const plain = this.keys.unseal('token', Buffer.from(token, 'base64url'));
    if (plain?.length !== LENGTH || plain.readUInt8(0) !== VERSION) return undefined;
    if (plain.readUInt8(1) !== purposes[purpose]) return undefined;
    const hex = plain.toString('hex', 2, 18);
    const subject = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const delivery = Number(plain.readBigUInt64BE(18));
    return { purpose, subject, delivery: delivery === 0 ? null : delivery };
  }
}
