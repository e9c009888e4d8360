import type { OrdersRound } from './orders.js';

/** A round of orders, line by line. */
export function report(round: OrdersRound, redis: boolean): string[] {
  return [
    `queue          ${redis ? 'Redis' : 'PostgreSQL'}`,
    `events         ${round.events}, posted ${round.posts} times; ${round.unanswered} calls got no answer, ${round.putOff} a 503, and were made again`,
    `mails          ${round.mails}`,
    `Message-IDs    ${round.distinct} at the sink`,
    `copies         ${round.copies}, at most ${round.onWire}: the connections open at the kills`,
    `unknown        ${round.unknown}, each sent again with the same Message-ID`,
    `failed         ${round.failed} that there is no mailbox for, each recorded once for the operator, who got ${round.alertMails} mails about them so far`,
    `seconds        ${round.seconds.toFixed(0)}`,
    ...round.problems.map((problem) => `BAD  ${problem}`),
  ];
}
