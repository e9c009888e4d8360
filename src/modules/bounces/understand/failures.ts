import { delayedReport, understandBounceReply, type BounceFacts } from '../../../domain/index.js';
import { statusBlocks, type Action, type StatusBlock } from './delivery-status.js';
import { MOST_RECIPIENTS, passageFor, passages } from './prose.js';
import { quotedReply, quotedStage, type QuotedReply } from './quoted-reply.js';
import type { Report } from './report.js';
import type { UnderstoodRecipient } from './understood.js';

/** What became of each recipient, by the machine-readable part where there is one, else by the text. */
export function failures(report: Report): UnderstoodRecipient[] {
  const blocks = statusBlocks(report.status).slice(0, MOST_RECIPIENTS);
  return blocks.length > 0
    ? blocks.map((block) => byStatus(report, block, blocks.length === 1))
    : passages(report).map(({ address, text }) => byText(report, address, text));
}

function byStatus(report: Report, block: StatusBlock, alone: boolean): UnderstoodRecipient {
  const { address, action, diagnosticType } = block;
  if (action === 'delivered' || action === 'relayed' || action === 'expanded')
    return delivered(block, action);
  if (block.status?.startsWith('2')) return delivered(block, 'delivered');
  const diagnostic = block.diagnostic || block.comment;
  const prose = passageFor(report, address, alone);
  // The text quotes the server where the block does not.
  const said = quotedReply(hasWords(diagnostic) ? diagnostic : prose);
  const facts: BounceFacts = {
    code: said.code,
    status: moreExact(block.status, said),
    reply: hasWords(diagnostic) && diagnosticType === 'x-unix' ? `x-unix; ${diagnostic}` : said.text,
    stage: quotedStage(`${diagnostic}\n${prose}`),
    prose,
  };
  return judged(address, action ?? 'failed', facts);
}

function byText(report: Report, address: string | null, text: string): UnderstoodRecipient {
  const { code, status, text: reply } = quotedReply(text);
  const delayed =
    delayedReport.test(text) || delayedReport.test(report.subject) || delayedReport.test(report.prose);
  return judged(address, delayed ? 'delayed' : 'failed', {
    code,
    status,
    reply,
    stage: quotedStage(text),
    prose: text,
  });
}

function judged(address: string | null, action: Action, facts: BounceFacts): UnderstoodRecipient {
  const { code, status, reply } = facts;
  return { address, action, status, code, reply, ...understandBounceReply(facts, action === 'failed') };
}

const delivered = ({ address, status, diagnostic }: StatusBlock, action: Action): UnderstoodRecipient => ({
  address,
  action,
  status,
  code: quotedReply(diagnostic).code,
  reply: diagnostic.slice(0, 1_000),
  reason: 'delivered',
  speaksOf: 'address',
  permanent: false,
  hard: false,
});

const hasWords = (diagnostic: string): boolean => /\p{L}{2}|\d{3}.*\d\.\d/u.test(diagnostic);

/**
 * The reporting system gives each recipient a status of its own; what the server wrote behind its code is nearer to the cause.
 * `4.4.7 … 450 4.7.1 blocked` ran out of time, but why is in the second.
 */
function moreExact(status: string | null, { code, status: quoted }: QuotedReply): string | null {
  if (isVague(status)) return quoted ?? status;
  return code !== null && !isVague(quoted) ? quoted : status;
}

/** x.0.0 says no more than the first digit. */
const isVague = (status: string | null): boolean => !status || status.endsWith('.0.0');
