import { textProblem } from '../../domain/index.js';
import { invalid } from '../../platform/http/index.js';
import { formTexts } from '../lists/index.js';
import { frequencies, leavingReasons, pauses, type LeavingReason } from '../subscribers/index.js';

const NOTE_CHARACTERS = 500;

/** Why somebody left, as far as they said. */
export interface Why {
  readonly reason: LeavingReason | null;
  readonly note: string | null;
}

/** What a POST to the unsubscribe page asks for. */
export type LeavingAct =
  | { readonly kind: 'leave'; readonly scope: 'list' | 'all'; readonly oneClick: boolean; readonly why: Why }
  | { readonly kind: 'ease'; readonly change: 'pause' | 'fewer'; readonly days: number }
  | { readonly kind: 'undo'; readonly seal: string };

/**
 * Reads the body, urlencoded or multipart. One-click (RFC 8058 §3.1) leaves the list whatever else is in it, and so does a body that
 * says nothing. A reason that cannot be kept is left out: it is no reason not to let somebody go.
 * @throws 422 for an action or a number of days that there is not
 */
export function readLeaving(body: unknown): LeavingAct {
  const [action = 'leave'] = formTexts(body, 'action');
  if (formTexts(body, 'List-Unsubscribe').includes('One-Click'))
    return { kind: 'leave', scope: 'list', oneClick: true, why: readWhy(body) };
  switch (action) {
    case 'leave':
      return { kind: 'leave', scope: 'list', oneClick: false, why: readWhy(body) };
    case 'leave-all':
      return { kind: 'leave', scope: 'all', oneClick: false, why: readWhy(body) };
    case 'pause':
      return { kind: 'ease', change: action, days: readDays(body, pauses) };
    case 'fewer':
      return { kind: 'ease', change: action, days: readDays(body, frequencies) };
    case 'undo':
      return { kind: 'undo', seal: formTexts(body, 'undo')[0] ?? '' };
    default:
      throw invalid('action', 'must be leave, leave-all, pause, fewer or undo');
  }
}

/** @throws 422 when it is none of `allowed` */
function readDays(body: unknown, allowed: readonly number[]): number {
  const days = allowed.find((one) => String(one) === formTexts(body, 'days')[0]);
  if (days === undefined) throw invalid('days', `must be ${allowed.join(' or ')}`);
  return days;
}

function readWhy(body: unknown): Why {
  const [reason] = formTexts(body, 'reason');
  const note = (formTexts(body, 'note')[0] ?? '').trim();
  return {
    reason: leavingReasons.find((one) => one === reason) ?? null,
    note:
      note === '' || textProblem(note) !== undefined ? null : note.slice(0, NOTE_CHARACTERS).toWellFormed(),
  };
}
