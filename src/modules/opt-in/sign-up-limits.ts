import type { KeyRing } from '../../platform/crypto/index.js';
import type { SharedRateLimits } from '../../platform/http/index.js';
import { tooMany } from '../../platform/http/index.js';
import { truncateIp } from '../consent/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Forms from one block of addresses (IPv4 /24, IPv6 /48), right or wrong. An office that signs up together fits. */
const OF_A_BLOCK = 30;
/** Forms for one address that are looked into; one mail is all that comes of them. */
const OF_AN_ADDRESS_AN_HOUR = 10;
/** Forms for one list from everywhere: what a flood from many networks can store, and how many people it can have mailed. */
const OF_A_LIST = 600;
const OF_A_LIST_AN_HOUR = 5_000;

/** How often anybody may post the form, counted in the database for all API processes. No counter holds an address. */
export class SignUpLimits {
  constructor(
    private readonly limits: SharedRateLimits,
    private readonly keys: KeyRing,
  ) {}

  /** Counts a form, before anything is read of it. @throws 429 when its block has posted too many */
  async countBlock(ip: string): Promise<void> {
    const hit = await this.limits.increment(
      `sign-up block ${truncateIp(ip) ?? ip}`,
      MINUTE_MS,
      OF_A_BLOCK,
      MINUTE_MS,
    );
    if (hit.isBlocked) throw tooMany(hit.timeToBlockExpire);
  }

  /** Counts a valid form for these lists. @returns seconds to wait where one of them has had too many */
  async countLists(slugs: readonly string[]): Promise<number | undefined> {
    const wait = await this.longestWait(
      slugs.map((slug) =>
        this.limits.increment(`sign-up list minute ${slug}`, MINUTE_MS, OF_A_LIST, MINUTE_MS),
      ),
    );
    // What the minute has turned away stores nothing, and must not close the list for longer.
    if (wait !== undefined) return wait;
    return this.longestWait(
      slugs.map((slug) =>
        this.limits.increment(`sign-up list hour ${slug}`, HOUR_MS, OF_A_LIST_AN_HOUR, 10 * MINUTE_MS),
      ),
    );
  }

  /** Counts a valid form for an address. @returns whether it is one too many: answered as ever, and not stored */
  async countAddress(canonical: string): Promise<boolean> {
    const name = this.keys.hash('form', canonical).toString('base64url');
    const hit = await this.limits.increment(
      `sign-up address ${name}`,
      HOUR_MS,
      OF_AN_ADDRESS_AN_HOUR,
      HOUR_MS,
    );
    return hit.isBlocked;
  }

  private async longestWait(
    counted: readonly ReturnType<SharedRateLimits['increment']>[],
  ): Promise<number | undefined> {
    const blocked = (await Promise.all(counted)).filter(({ isBlocked }) => isBlocked);
    return blocked.length > 0 ? Math.max(...blocked.map((hit) => hit.timeToBlockExpire)) : undefined;
  }
}
