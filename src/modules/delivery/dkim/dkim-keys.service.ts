import { randomInt, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { newId } from '../../../domain/index.js';
import type { KeyRing } from '../../../platform/crypto/index.js';
import {
  dkimAlgorithms,
  dnsRecord,
  makeDkimKey,
  readDkimKey,
  type DkimAlgorithm,
  type DnsRecord,
} from './dkim-key.js';
import type { DkimKeyRow, DkimKeysRepository } from './dkim-keys.repository.js';
import type { DkimSigner } from './sign-dkim.js';

/** How long a process goes on with the keys that it knows, in milliseconds. */
const TRUST_MS = 10_000;
/** And with what DNS said of one, so that a DNS that does not answer costs mail a moment a minute. */
const TRUST_DNS_MS = 60_000;

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
  /** What has to stand in DNS; null for a retired key. */
  readonly record: DnsRecord | null;
}

/** As `resolveTxt` of node:dns: each record in its strings. */
export type LookUpTxt = (name: string) => Promise<string[][]>;

/**
 * The signing keys of each domain. Per algorithm one signs: the newest that DNS shows, so that a new key does not break mail before its
 * record is published. The others stay in DNS until they are retired, since mail under way needs them.
 */
export class DkimKeys {
  private readonly signers = new LRUCache<string, readonly DkimSigner[]>({
    max: 1_000,
    ttl: TRUST_MS,
    fetchMethod: (domain) => this.choose(domain),
  });
  private readonly published = new LRUCache<string, boolean, DkimSigner>({
    max: 1_000,
    ttl: TRUST_DNS_MS,
    fetchMethod: (_selector, _stale, { context }) => this.askDns(context),
  });
  private readonly opened = new LRUCache<string, KeyObject>({ max: 1_000 });

  constructor(
    private readonly repository: DkimKeysRepository,
    private readonly keyRing: KeyRing,
    private readonly lookUpTxt: LookUpTxt,
  ) {}

  /** An RSA and an Ed25519 key. They sign as soon as they are the only ones, or DNS shows them. @param domain in A-labels, lower case */
  async create(domain: string): Promise<DkimKey[]> {
    const rows = await Promise.all(
      dkimAlgorithms.map(async (algorithm) => ({
        id: newId(),
        domain,
        selector: newSelector(algorithm),
        algorithm,
        private_key: this.keyRing.seal('dkim', await makeDkimKey(algorithm)),
        retired_at: null,
      })),
    );
    return (await this.repository.insert(rows)).map((row) => this.view(row));
  }

  /** Newest first; of every domain when none is named. */
  async list(domain?: string): Promise<DkimKey[]> {
    return (await this.repository.list(domain)).map((row) => this.view(row));
  }

  /** From now on it signs nothing. @returns undefined when no active key has this selector */
  async retire(selector: string): Promise<DkimKey | undefined> {
    const row = await this.repository.retire(selector);
    return row && this.view(row);
  }

  /** Who signs the mail of a domain: one per algorithm, nobody where it has no keys. */
  async signersFor(domain: string): Promise<readonly DkimSigner[]> {
    return (await this.signers.fetch(domain)) ?? [];
  }

  private async choose(domain: string): Promise<DkimSigner[]> {
    const active = (await this.repository.active(domain)).map((row) => this.signer(row));
    const chosen = dkimAlgorithms.map((algorithm) =>
      this.newestPublished(active.filter((key) => key.algorithm === algorithm)),
    );
    return (await Promise.all(chosen)).filter((signer) => signer !== undefined);
  }

  /** The oldest, which the others came to replace, needs no proof. */
  private async newestPublished(newestFirst: readonly DkimSigner[]): Promise<DkimSigner | undefined> {
    for (const signer of newestFirst.slice(0, -1)) {
      if (await this.published.fetch(signer.selector, { context: signer })) return signer;
    }
    return newestFirst.at(-1);
  }

  private async askDns(signer: DkimSigner): Promise<boolean> {
    const { name, strings } = dnsRecord(signer);
    const found = await this.lookUpTxt(name).catch(() => []);
    return found.some((record) => publicKeyIn(record.join('')) === publicKeyIn(strings.join('')));
  }

  private signer({ id, domain, selector, algorithm, private_key }: DkimKeyRow): DkimSigner {
    let privateKey = this.opened.get(id);
    if (!privateKey) {
      const der = this.keyRing.unseal('dkim', private_key);
      if (!der)
        throw new Error(`The DKIM key ${selector} of ${domain} does not open with any key of this install`);
      privateKey = readDkimKey(algorithm, der);
      this.opened.set(id, privateKey);
    }
    return { domain, selector, algorithm, privateKey };
  }

  private view(row: DkimKeyRow): DkimKey {
    return {
      domain: row.domain,
      selector: row.selector,
      algorithm: row.algorithm,
      createdAt: row.created_at,
      retiredAt: row.retired_at,
      record: row.retired_at === null ? dnsRecord(this.signer(row)) : null,
    };
  }
}

/** RFC 6376 §3.6.1: white space in the key does not count. */
function publicKeyIn(record: string): string | undefined {
  return /(?:^|;)\s*p\s*=([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, '');
}

/** Alone in the whole install, so that it is enough to name a key: `pr-20261122-x7kq-rsa`. */
function newSelector(algorithm: DkimAlgorithm): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const unique = randomInt(36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `pr-${day}-${unique}-${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}`;
}
