import type { Selectable } from 'kysely';
import type { Tables } from '../../platform/database/index.js';
import type { DeliveryView } from './delivery.types.js';

export function toDeliveryView(row: Selectable<Tables['deliveries']>): DeliveryView {
  const waits = row.state === 'queued' || row.state === 'deferred';
  return {
    id: row.id,
    personId: row.person_id,
    address: row.address,
    role: row.role,
    state: row.state,
    reason: row.reason,
    outcome: row.outcome,
    tries: row.tries,
    dueAt: waits ? row.due_at : null,
    settledAt: row.settled_at,
    reply: row.reply,
  };
}
