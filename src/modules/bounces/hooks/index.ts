import { mailProviderParts } from '../providers/index.js';
import { EventGroups } from './event-groups.service.js';
import { HookCallers } from './hook-callers.js';
import { HookGate } from './hook-gate.js';
import { HookIntake } from './hook-intake.js';
import { HookWork } from './hook-work.service.js';
import { MailHooksController } from './hooks.controller.js';
import { MailEventsController } from './mail-events.controller.js';
import { MailHooks } from './mail-hooks.service.js';
import { ProviderRequestsMetrics } from './provider-requests-metrics.js';

/** Webhooks of mail providers: what takes them in, stores them and reads them. */
export const mailHookParts = [
  EventGroups,
  HookCallers,
  HookGate,
  HookIntake,
  HookWork,
  MailHooks,
  ProviderRequestsMetrics,
  ...mailProviderParts,
];

export const mailHookControllers = [MailHooksController, MailEventsController];
