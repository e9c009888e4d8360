import type { Stream } from '../../../domain/index.js';
import type { Span } from '../quotas/quota.types.js';
import type { RelayUse } from './relay-use.js';

/** The relay for the next claim, or after how many milliseconds to ask again. */
export type RelayChoice =
  | { readonly use: RelayUse; readonly retryAfterMs?: undefined }
  | { readonly use?: undefined; readonly retryAfterMs: number };

/** Nothing says when it will be better: a probe is under way, or no relay carries the stream. */
const ASK_AGAIN_MS = 1_000;

type UsedUp = (relay: string, stream: Stream) => { readonly span: Span; readonly forMs: number } | undefined;

/**
 * The best relay that carries the stream: of those that are not in trouble and have not used up their hour or day, the lowest priority.
 * Equals share, the one with most free connections is next. A pace that is used up makes mail wait and does not send it to a relay of a
 * worse priority, which the operator may pay for.
 * @param uses  in the order in which they were chosen last, the longest ago first
 */
export function chooseRelay(uses: readonly RelayUse[], stream: Stream, usedUp: UsedUp): RelayChoice {
  const carriers = uses.filter(({ relay }) => relay.streams.includes(stream));
  const waits = carriers.map((use) => {
    const limit = usedUp(use.name, stream);
    const trouble = use.circuit.ready ? 0 : Math.max(use.circuit.waitMs, ASK_AGAIN_MS / 10);
    return { use, trouble, limit, away: trouble > 0 || (limit !== undefined && limit.span !== 'second') };
  });
  const here = waits.filter(({ away }) => !away);
  const best = Math.min(...here.map(({ use }) => use.relay.priority));
  const equals = here.filter(({ use }) => use.relay.priority === best);
  const open = equals.filter(({ limit }) => limit === undefined);
  if (open.length > 0) {
    const freest = Math.max(...open.map(({ use }) => use.free));
    return { use: open.find(({ use }) => use.free === freest)!.use };
  }
  const waiting = equals.length > 0 ? equals : waits;
  const retryAfterMs = Math.min(...waiting.map(({ trouble, limit }) => Math.max(trouble, limit?.forMs ?? 0)));
  return { retryAfterMs: Number.isFinite(retryAfterMs) ? Math.ceil(retryAfterMs) : ASK_AGAIN_MS };
}
