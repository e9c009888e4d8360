import { isWithin, parseNetwork, type IpNetwork } from './ip-network.js';

/** How many requests a key may make in each second, or in each minute. */
export interface KeyRate {
  readonly requests: number;
  readonly per: 'second' | 'minute';
}

/** What an API key may do, where from, how often and until when. Null: without limit. */
export interface KeyLimits {
  readonly scopes: readonly string[];
  /** Slugs of the senders that mail may be sent as. */
  readonly senders: readonly string[] | null;
  readonly rate: KeyRate | null;
  /** Networks, as `203.0.113.0/24`. */
  readonly allowIps: readonly string[] | null;
  readonly expiresAt: Date | null;
}

/** In what something is more than it may be. */
export interface Excess {
  readonly field: keyof KeyLimits;
  /** How it goes on after the field's name. */
  readonly message: string;
}

/** In what a key would be more than another one that it is measured by; nothing where it is the same or less. */
export function excessOf(asked: KeyLimits, held: KeyLimits): Excess[] {
  const excess: (Excess | undefined)[] = [
    ofList('scopes', asked.scopes, held.scopes),
    ofList('senders', asked.senders, held.senders),
    ofRate(asked.rate, held.rate),
    ofNetworks(asked.allowIps, held.allowIps),
    ofEnd(asked.expiresAt, held.expiresAt),
  ];
  return excess.filter((one) => one !== undefined);
}

export const secondsOf = (rate: KeyRate): number => (rate.per === 'second' ? 1 : 60);

/** `10 requests a second` */
export function rateInWords({ requests, per }: KeyRate): string {
  return `${requests} ${requests === 1 ? 'request' : 'requests'} a ${per}`;
}

function ofList(
  field: 'scopes' | 'senders',
  asked: readonly string[] | null,
  held: readonly string[] | null,
): Excess | undefined {
  if (held === null) return undefined;
  if (asked === null) return { field, message: `must be some of ${held.join(', ')}` };
  const more = asked.filter((one) => !held.includes(one));
  return more.length === 0
    ? undefined
    : { field, message: `"${more.join('", "')}" is beyond ${held.join(', ')}` };
}

/** What the asked rate allows in one window of the held one: a whole minute's requests may come in one second. */
function ofRate(asked: KeyRate | null, held: KeyRate | null): Excess | undefined {
  if (held === null) return undefined;
  const windows = asked && Math.max(1, secondsOf(held) / secondsOf(asked));
  if (asked && windows && asked.requests * windows <= held.requests) return undefined;
  return { field: 'rate', message: `must allow at most ${rateInWords(held)}, at any moment` };
}

function ofNetworks(asked: readonly string[] | null, held: readonly string[] | null): Excess | undefined {
  if (held === null) return undefined;
  const outer = networksOf(held);
  const isInside = (network: IpNetwork) => outer.some((one) => isWithin(network, one));
  if (asked && networksOf(asked).every(isInside)) return undefined;
  return { field: 'allowIps', message: `must lie within ${held.join(', ')}` };
}

function ofEnd(asked: Date | null, held: Date | null): Excess | undefined {
  if (held === null || (asked !== null && asked.getTime() <= held.getTime())) return undefined;
  return { field: 'expiresAt', message: `must be ${held.toISOString()} or before` };
}

/** @throws where one is none, which nobody has stored */
function networksOf(texts: readonly string[]): IpNetwork[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if ('problem' in network) throw new Error(network.problem);
    return network;
  });
}
