import type { ReplyReason } from './reply-reasons.js';
import { calledSpam, full, nobody, switchedOff } from './reply-words.js';

/** Where in the dialogue the answer came; it says of what the answer can speak (RFC 5321 §4.2). */
export type SmtpStage = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data';

/** Of what the answer speaks. Only `address` and `domain` may ever lead to a suppression. */
export type SpeaksOf = 'address' | 'message' | 'domain' | 'relay' | 'sender';

/**
 * What servers say and what it means: data, read from top to bottom, and the first rule that fits decides. The same table reads the
 * answers in our own dialogue and those that a report quotes (`bounce-reply.ts`). Each rule shows real replies that it is there for
 * (who says it, in answer to what, the words); a test reads them back. Words come before enhanced statuses, because servers use
 * 5.1.1, 5.2.1 and 5.7.1 for almost everything; stages come last. Addresses in a reply are not matched.
 * Whether a refusal is for good is never said here: the first digit alone says it (RFC 5321 §4.2.1).
 */
export interface ReplyRule {
  readonly reason: ReplyReason;
  readonly speaksOf: SpeaksOf;
  /** Fewer mails at a time to what it speaks of. */
  readonly slowDown?: true;
  /** RFC 6647: a retry and nothing else. */
  readonly greylisted?: true;
  /**
   * `dialogue`: of our own talk with the relay. `report`: of a server behind it, told by a report.
   * `prose`: of a report's own sentences, which say more than the answer that they quote.
   */
  readonly only?: 'dialogue' | 'report' | 'prose';
  /** For want of words: in a report only after its sentences have been read too. */
  readonly weak?: true;
  /** One of these must hold; in it, everything that it names. */
  readonly when: readonly ReplyCondition[];
  readonly samples: readonly (readonly [who: string, stage: QuotedStage, reply: string])[];
}

/** Null: a report does not say in answer to what. */
export type QuotedStage = SmtpStage | null;

export interface ReplyCondition {
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly text?: RegExp;
  readonly stages?: readonly QuotedStage[];
}

const beforeRecipient: readonly QuotedStage[] = ['connect', 'tls', 'auth', 'mail'];
const ofRecipient: readonly QuotedStage[] = ['rcpt', 'data', null];

const tooMuch =
  /unusual rate|rate[- ]?limit|frequency limit|too (quickly|fast)\b|at a rate that|(unexpected|excessive|high) volume|too (much e?mail(?! data)|many (messages|mails|e-?mails|(invalid )?recipients|requests)(?! (on|in) (the |this |his |her |their |your )?(server|mailbox|inbox|account|folder)))|(?<!startup -- )throttl|thread limit exceeded|slow(ing)? down|max (e-?mails|defers)( and failures)? per hour|reached a limit for sending|has exceeded the rate limit|limits? (for|on) how many messages|rate limit has been|exceeded (the|their|its|your) (\w+ )?limit for the number of|too many recent (messages|mails|emails)|(daily|hourly) (\w+ )?limit|exceeded (permitted limits|threshold)|max(imum)? (number of )?(messages?|mails?|emails?|recipients?) per (connection|session|minute|hour|day)|submission rate|queue quota|unusual sending activity|limit on the number of (messages|recipients)|(exceeded|over) (the |your )?(maximum )?(number|rate|hourly|daily)( of)?\b.{0,20}\b(messages|mails|e-?mails|recipients|limit)/i;
const blockedSource =
  /(?<!may be )(?<![\w.]-?)(block|black|deny)[- ]?list(?![\w-]*\.[a-z])|blocked (using|by)(?! spam ?assassin)|\d[\])]?( is| was| has been)? (blocked|banned|(black)?listed|found (on|in))\b|(?<!\bnot |\byou're |\byou are )\blisted (in|on|at|by|as spam)\b(?!.{0,40}\b(directory|book)\b)|\b(your|sending|source|client|server|connecting)\b.{0,20}\b(ip|host|address|server)\b.{0,40}\b(is|was|are) (in|on|listed|found)\b|\bbad ip\b|identified as spammer|listing in |denied by \S+ ?haus|mail refused - <?\d|connections? (refused|rejected|denied) from \[?\d|\bdynamic ip|\b(spam ?haus|spam ?cop|dnsbls?|rbls?|barracudacentral|sorbs|uceprotect)\b|client host rejected|helo (command )?rejected|(bad|invalid) helo|(is|been|are|your|sending|sender|ip|host)\b.{0,20} banned\b|\bbanned (sending|sender|ip|host|address|by)\b|(client|sending|source|server|\bip|your (mail ?)?(ip|host|server|address|network|domain|mta|connection))( host| ip| address| server)*\b.{0,40}\b(is|was|has been|are|been) (temporarily |currently )?(blocked|refused|denied|rejected)\b|(client|sending|source|server|\bip)( host| ip| address)?\b.{0,40}\bblocked\b|use (the |your )?(smtp|mail) (server|relay) of your (isp|provider)|your (isp|provider)('s)? (smtp|mail) (server|relay)|\bblocked ip\b|messages? from \S+ weren.t sent|part of their network|^blocked\W*(-|see|$)|not accepted from servers|(mail|messages|email|connections?) from (\S+ |this |your )?(ip|host|server|network|address)?.{0,30}(is|are|has been|will be|been) (currently |temporarily )?(blocked|refused|not (be )?accepted|deferred)|refus(e|ed|ing) (mail|messages|connections?) from|mail from \[?[\d.]+\]? (is |was )?(refused|rejected|blocked)|\bblackhole|white-?list\w*\b.{0,60}\b(ip|server|host)\b|\b(ip|server|host)\b.{0,60}\bwhite-?list|\d\W+is blocked|your access (to .{0,60} )?has been (rejected|denied|blocked)|\((con|rtr|rly|rlh|dyn):\w+\)|not (allowed|permitted|welcome) to connect|connection (rejected|refused|blocked|denied) (due|for|because)/i;
const noReverseName =
  /reverse (dns|hostname|lookup|name|address)|\(dns:(nr|b\d)\)|\bPTR\b|\b(FC)?r ?DNS\b|(cannot|could not|can't|unable to|failed to) (find|resolve|lookup|look up|verify) (your |the )?(reverse )?(host ?name|ip|client|address of)|(ip|host) name lookup failed|(unresolvable|no (valid )?(host ?)?name for (your |this )?)( ?(ip|address|client|host))|hostname.{0,30}does(n't| not) (match|resolve)|no valid host name|fix (your )?reverse|domain .{0,80}(mismatch\w*|does(n't| not) match) (the )?(client|sending) ip/i;
/** https://postmaster.facebook.com/response_codes: the code is all that Facebook says. */
const facebook = (reason: ReplyReason, speaksOf: SpeaksOf, codes: RegExp, sample: string): ReplyRule => ({
  reason,
  speaksOf,
  when: [{ text: codes }],
  samples: [['Facebook', null, `${sample} http://postmaster.facebook.com/response_codes?ip=192.0.2.1`]],
});
const facebookCodes: readonly ReplyRule[] = [
  facebook('user_unknown', 'address', /\b(RCP-P1|INT-P[134])\b/, '550 5.1.1 RCP-P1'),
  facebook('filtered', 'address', /\bRCP-P2\b/, '550 5.1.1 RCP-P2'),
  facebook('system', 'domain', /\b(RCP-T1|INT-T\d+)\b/, '451 4.3.0 INT-T1'),
  facebook('blocked', 'sender', /\bPOL-P[1-4]\b/, '550 5.7.1 POL-P3'),
  facebook('sender_refused', 'sender', /\bDNS-(P[12]|T1)\b/, '550 5.7.1 DNS-P1'),
  facebook('no_reverse_dns', 'sender', /\bDNS-(P3|T2)\b/, '550 5.7.1 DNS-P3'),
  facebook('too_big', 'message', /\b(MSG-P1|INT-P2)\b/, '552 5.3.0 MSG-P1'),
  facebook('virus', 'message', /\bMSG-P2\b/, '554 5.7.1 MSG-P2'),
];

export const replyRules: readonly ReplyRule[] = [
  // ── a report's own sentences ──
  {
    reason: 'sender_refused',
    speaksOf: 'sender',
    only: 'prose',
    when: [
      { text: /groups\.google\.com\/support|may not have permission to post (messages )?to the group/i },
    ],
    samples: [
      [
        'Google Groups, in forty languages',
        null,
        "We're writing to let you know that the group you tried to contact (shop) may not exist, or you may not have permission to post messages to the group. If you have questions related to this or any other Google Group, visit the Help Center at https://groups.google.com/support/.",
      ],
    ],
  },
  {
    reason: 'suspended',
    speaksOf: 'address',
    only: 'prose',
    when: [{ text: /the user\(s\) account is (disabled|temporarily limited)/i }],
    samples: [['au', null, 'The user(s) account is disabled.']],
  },
  {
    reason: 'filtered',
    speaksOf: 'address',
    only: 'prose',
    when: [{ text: /following addresses had delivery errors-+ \[user unknown\]/i }],
    samples: [
      [
        "a Japanese carrier's gateway, for filters too",
        null,
        '---The following addresses had delivery errors---\n\nuser@example.com [User unknown]',
      ],
    ],
  },
  {
    reason: 'mailbox_full',
    speaksOf: 'address',
    only: 'prose',
    when: [
      {
        text: /was automatically rejected:\s*(not enough disk space|quota exceeded)|as their mailbox is full/i,
      },
    ],
    samples: [
      [
        'Dovecot',
        null,
        'Your message to <user@example.com> was automatically rejected:\nQuota exceeded (mailbox for user is full)',
      ],
      ['KDDI', null, 'Could not be delivered to: <user@example.com>\n As their mailbox is full.'],
    ],
  },

  // ── our account at the relay, and the way to it ──
  {
    reason: 'relay_quota',
    speaksOf: 'relay',
    slowDown: true,
    when: [
      {
        text: /maximum sending rate|(message|sending|submission) quota exceeded|(relay|sending|messaging) limits? exceeded|exceeded your (messaging|sending) limit|maximum credits exceeded/i,
      },
    ],
    samples: [
      ['Amazon SES', 'data', '454 Throttling failure: Maximum sending rate exceeded'],
      ['Amazon SES', 'data', '454 Throttling failure: Daily message quota exceeded'],
      ['SendGrid', 'auth', '451 Authentication failed: Maximum credits exceeded'],
      [
        'Gmail relay',
        'mail',
        '450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error.',
      ],
      ['Gmail relay', 'mail', '550 5.4.5 Daily SMTP relay sending limit exceeded for user.'],
    ],
  },
  {
    reason: 'tls',
    speaksOf: 'domain',
    when: [{ stages: ofRecipient, text: /tls (is )?required for (the )?(rcpt|recipient) domain/i }],
    samples: [['Gmail', 'rcpt', '421 4.7.0 TLS required for RCPT domain, closing connection.']],
  },
  {
    reason: 'tls',
    speaksOf: 'relay',
    when: [
      { stages: ['tls'] },
      {
        text: /(starttls|tls|encryption) (is )?(required|needed)|must issue a starttls|without (a )?(tls|encrypt)|\btls (is )?not available|lack of security|not sent over (a )?tls/i,
      },
      { enhanced: /\.7\.10$/ },
    ],
    samples: [
      ['Gmail', 'data', '550 5.7.29 This message was sent without TLS encryption.'],
      ['Postfix, Gmail', 'mail', '530 5.7.0 Must issue a STARTTLS command first'],
      ['Exchange', 'mail', '451 5.7.3 STARTTLS is required to send mail'],
      ['RFC 5248', 'auth', '523 5.7.10 Encryption Needed'],
      ['RFC 3207', 'tls', '454 4.7.0 TLS not available due to local problem'],
    ],
  },
  {
    reason: 'authentication',
    speaksOf: 'relay',
    when: [
      { stages: ['auth'], code: /^(?!421)/ },
      { code: /^53[0458]$/, text: /^(?!.*\b(size|too (big|large)|relay(ing)?)\b)/i },
      { text: /unauthenticated senders? not allowed|send auth command first/i },
    ],
    samples: [
      ['Yandex', 'mail', '503 5.5.4 Error: send AUTH command first.'],
      ['Postfix', 'auth', '535 5.7.8 Error: authentication failed: authentication failure'],
      ['Amazon SES', 'auth', '535 Authentication Credentials Invalid'],
      ['Gmail', 'auth', '535 5.7.8 Username and Password not accepted.'],
      [
        'Postfix',
        'auth',
        '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
      ],
      ['Amazon SES', 'mail', '530 Authentication required'],
      ['SendGrid', 'mail', '550 Unauthenticated senders not allowed'],
      [
        'Exchange',
        'mail',
        '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM',
      ],
    ],
  },
  {
    reason: 'too_many_connections',
    speaksOf: 'relay',
    slowDown: true,
    when: [
      {
        text: /too many (\w+ ){0,3}(connections|sessions)|(connection|session)s? (rate )?limit|too frequent connects|maximum number of (\w+ )?(connections|sessions)/i,
      },
    ],
    samples: [
      ['Postfix', 'connect', '421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1'],
      ['Exim', 'connect', '421 Too many concurrent SMTP connections; please try again later.'],
      ['Sendmail', 'connect', '452 4.3.2 Connection rate limit exceeded.'],
      [
        'Exchange Online',
        'mail',
        '421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a limit, closing transmission channel.',
      ],
      ['SendGrid', 'mail', '450 too frequent connects from 192.0.2.1, please try again later.'],
    ],
  },
  // Yahoo's words for a sender of whom users complain; in a report, after days of it, that is the reason.
  {
    reason: 'reputation',
    speaksOf: 'sender',
    slowDown: true,
    only: 'report',
    when: [{ text: /unexpected volume or user complaints/i }],
    samples: [
      [
        'Yahoo',
        null,
        '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
      ],
    ],
  },
  {
    reason: 'rate_limited',
    speaksOf: 'relay',
    slowDown: true,
    when: [{ stages: beforeRecipient, text: tooMuch }, { text: /too (much mail|many recipients) from/i }],
    samples: [
      ['Postfix', 'mail', '450 4.7.1 Error: too much mail from 192.0.2.1'],
      ['Postfix', 'rcpt', '450 4.7.1 Error: too many recipients from 192.0.2.1'],
      ['GMX', 'connect', '421 Rate limit reached. Please try again later'],
    ],
  },
  // Behind a smarthost a 421 speaks of the relay; once it knows the recipient, a rate is that of the recipient's system.
  {
    reason: 'rate_limited',
    speaksOf: 'domain',
    slowDown: true,
    when: [
      // Slowed down because it is not authenticated: why says more than how.
      { stages: ofRecipient, enhanced: /^(?!\d\.7\.(2[679]|3[0-2])$)/, text: tooMuch },
      { stages: ofRecipient, enhanced: /\.(7\.28|5\.3)$/, text: /^(?!.*\b(size|multi-recipient)\b)/i },
    ],
    samples: [
      ['Zoho', 'data', '550 5.4.6 Unusual sending activity detected. Please try after sometime'],
      ['Exchange Online', 'rcpt', '450 4.7.3 Organization queue quota exceeded.'],
      [
        'Gmail',
        'data',
        '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail. To protect our users from spam, mail has been temporarily rate limited.',
      ],
      [
        'Gmail',
        'rcpt',
        '450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time.',
      ],
      [
        'Gmail',
        'rcpt',
        '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.',
      ],
      [
        'iCloud',
        'rcpt',
        '421 4.7.1 Messages to user@icloud.com deferred due to excessive volume. Try again later',
      ],
      [
        'Outlook',
        'data',
        '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.',
      ],
      ['Exchange Online', 'data', '432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'],
      ['SendGrid', 'rcpt', '452 Too many recipients received this hour (throttled)'],
      ['NTT docomo', 'rcpt', '552 Too many recipients'],
      ['Postfix', 'rcpt', '452 4.5.3 Error: too many recipients'],
      [
        'cPanel',
        null,
        'Domain shop.example has exceeded the max emails per hour (500/500 (100%)) allowed. Message discarded.',
      ],
      ['Gmail', null, 'You have reached a limit for sending mail. Your message was not sent.'],
    ],
  },
  {
    reason: 'connection',
    speaksOf: 'relay',
    only: 'dialogue',
    when: [{ stages: ['connect', 'auth'] }],
    samples: [
      ['RFC 5321 §3.8', 'auth', '421 4.3.2 Service shutting down'],
      ['RFC 5321 §3.1', 'connect', '554 No SMTP service here'],
      [
        'GMX',
        'connect',
        '554-gmx.net (mxgmx104) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is block listed.\n554 For explanation visit https://postmaster.gmx.net/en/case?c=r0201',
      ],
      [
        'Postfix',
        'connect',
        '521 5.7.1 Service unavailable; client [192.0.2.1] blocked using dnsbl.example.net',
      ],
    ],
  },
  // From here on the relay has let us in, and MAIL, RCPT or the message is what it speaks of.
  {
    reason: 'sender_not_allowed',
    speaksOf: 'relay',
    when: [
      {
        text: /not owned by user|address is not verified|verified sender identity|send ?as ?denied|not (allowed|authori[sz]ed) to send (as|from)|permissions? to send as/i,
      },
    ],
    samples: [
      ['Postfix', 'rcpt', '553 5.7.1 <news@shop.example>: Sender address rejected: not owned by user shop'],
      [
        'Amazon SES',
        'data',
        '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: news@shop.example',
      ],
      [
        'SendGrid',
        'data',
        '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      ],
      ['Exchange', 'data', '550 5.7.60 SMTP; Client does not have permissions to send as this sender'],
      [
        'Exchange Online',
        'data',
        '554 5.2.252 SendAsDenied; shop@shop.example not allowed to send as news@shop.example',
      ],
    ],
  },
  {
    reason: 'relay_denied',
    speaksOf: 'relay',
    when: [
      {
        text: /relay(ing)? (access |was |to )?(is )?(denied|disallowed|rejected|refused|not (permitted|allowed)|prohibited)|unable to relay|\bno relaying\b|not (a |an )?(open )?relay\b|(do(es)? not|don't|won't|cannot|can't) relay|not one of my allowed rcpthosts|rcpthosts|not local.{0,80}gateway|delivery is not allowed to this address|(as|for) (a )?relay\b.{0,60}\bnot\b|requires authentication when attempting to send to a non-local|relay(ing|ed)?\b.{0,40}\b(not (allowed|permitted)|prohibited|forbidden)|insecure (mail )?relay|(not|n't) (allowed|permitted|authori[sz]ed|configured|able) to (be )?relay|(can ?not|can't|will not|won't|refus\w*|unable) (to )?(be )?relay|relay(ing)? (attempt|prohibited|restricted|forbidden|operation)|credentials for relay|i cannot deliver mail for/i,
      },
    ],
    samples: [
      [
        'Gmail relay',
        'rcpt',
        "550 5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address you've registered in your G Suite SMTP Relay service doesn't match domain of the account this email is being sent from.",
      ],
      ['Haraka', 'rcpt', '550 I cannot deliver mail for {user@example.com}'],
      ['Zoho', 'rcpt', '553 Relaying disallowed as news@shop.example'],
      ['hMailServer', 'rcpt', '550 Delivery is not allowed to this address.'],
      ['IMail', 'rcpt', '550 not local host example.com, not a gateway'],
      ['Postfix', 'rcpt', '554 5.7.1 <user@example.com>: Relay access denied'],
      [
        'Sendmail',
        'rcpt',
        '550 5.7.1 <user@example.com>... Relaying denied. Proper authentication required.',
      ],
      ['Exim', 'rcpt', '550 relay not permitted'],
      ['qmail', 'rcpt', "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"],
      ['Lotus Domino', 'rcpt', '554 Relay rejected for policy reasons.'],
      ['Exchange', 'rcpt', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'],
      ['Exchange Online', 'rcpt', '550 5.7.64 TenantAttribution; Relay Access Denied'],
    ],
  },

  // ── later ──
  {
    reason: 'greylisted',
    speaksOf: 'address',
    greylisted: true,
    when: [{ code: /^4/, text: /gr[ae]y[- ]?list/i }],
    samples: [
      [
        'Postgrey',
        'rcpt',
        '450 4.2.0 <user@example.com>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.com.html',
      ],
      ['milter-greylist', 'rcpt', '451 4.7.1 Greylisting in action, please come back in 00:05:00'],
      [
        'policyd',
        'rcpt',
        '450 4.7.1 <user@example.com>: Recipient address rejected: Policy Rejection: Greylisting - Please try later.',
      ],
      [
        'Postfix policy server',
        'rcpt',
        '451 4.7.1 <user@example.com>: Recipient address rejected: Greylisted, try again in 300 seconds',
      ],
      ['Rspamd', 'data', '451 4.7.1 Try again later: graylisted'],
    ],
  },

  // ── the message ──
  {
    reason: 'too_big_for_mailbox',
    speaksOf: 'message',
    when: [
      { enhanced: /\.2\.3$/, text: /size|length|large|big|limit|exceed/i },
      {
        text: /message length exceeds administrative limit|too (large|big) for (this|the) (mailbox|recipient)|recipient'?s? (maximum )?(message )?size limit/i,
      },
    ],
    samples: [
      ['Sendmail', 'data', '552 5.2.3 Message size exceeds fixed maximum message size (10485760)'],
      ['RFC 3463', 'rcpt', '552 5.2.3 Message length exceeds administrative limit'],
      ['Exchange', null, '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient'],
    ],
  },
  {
    reason: 'too_big',
    speaksOf: 'message',
    when: [
      { enhanced: /\.3\.4$/ },
      // At MAIL already where the server offers SIZE (RFC 1870 §6.1).
      { code: /^552$/, stages: ['mail'], text: /^(?!.*\b(sender|policy|AUP|quota|storage|mailbox)\b)/i },
      {
        text: /^(?!.*(mail ?box|storage|quota|allocation|\b(account|user|address|inbox)( has| would)? (exceed|size))).*((size|length) limit\b|\b(message|mail|email) ?size\b|(message|mail|e-?mail) (size |length )?(is |was )?(too (big|large)|larger than|exceed|limit)|(size|length)\b.{0,30}\b(exceed|too (big|large)|larger than)|exceed(s|ed)?\b.{0,40}\bsize\b|nachricht.{0,20}zu gro(ß|ss)|message trop (gros|volumineux))/i,
      },
    ],
    samples: [
      ['Postfix', 'mail', '552 5.3.4 Message size exceeds fixed limit'],
      ['Exim', 'mail', '552 Message size exceeds maximum permitted'],
      ['Gmail', 'data', "552 5.3.4 Your message exceeded Google's message size limits."],
      [
        '1&1',
        null,
        'Mail size limit exceeded. For explanation visit http://postmaster.1and1.com/en/error-messages',
      ],
      ['qmail', 'data', '552 sorry, that message size exceeds my databytes limit (#5.3.4)'],
    ],
  },

  // A filter that says so, also where it goes on about reverse names, lists and senders.
  {
    reason: 'spam',
    speaksOf: 'message',
    when: [{ stages: ofRecipient, text: calledSpam }],
    samples: [
      ['SpamAssassin', 'data', '554 5.7.1 Message rejected as spam by content filter'],
      ['SpamAssassin', 'data', '550 5.7.1 This message scored 8.4 spam points and has been rejected'],
      [
        'ASSP',
        'data',
        '554 5.7.1 Your message failed several antispam checks (SCORING). Please be sure your mailserver is configured correctly (SPF, HELO, PTR)',
      ],
      ['various', 'data', '553 Blocked using spam pattern, your message may contain the spam contents'],
    ],
  },

  // ── who sends it ──
  {
    reason: 'no_reverse_dns',
    speaksOf: 'sender',
    when: [{ enhanced: /\.7\.25$/ }, { text: noReverseName }],
    samples: [
      ['Postfix', 'rcpt', '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]'],
      ['Postfix', 'rcpt', '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]'],
      [
        'Gmail',
        'data',
        '550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup',
      ],
      ['Exim', 'mail', '554 5.7.1 Reverse DNS lookup for host 203.0.113.22 failed permanently.'],
      [
        'Exim',
        'mail',
        '550 5.7.1 Connections not accepted from servers without a valid sender domain. Fix reverse DNS for 203.0.113.22',
      ],
      ['AOL', 'connect', '554 (RTR:BB) The IP address you are using has no reverse DNS'],
      ['Outlook.com', null, '550 domain [shop.example] mismatches client ip 192.0.2.225.'],
      ['Sendmail', 'rcpt', '550 5.7.1 Fix reverse DNS for 192.0.2.1'],
    ],
  },
  {
    reason: 'authentication_results',
    speaksOf: 'sender',
    when: [
      { enhanced: /\.7\.(2[0-4]|26|27|29|30|32|40|509|515)$/, text: /^(?!.*\b(null mx|requiretls)\b)/i },
      {
        text: /\b(spf|open-?spf|dmarc|dkim(?!-signature)|sender[- ]?id)\b|sender policy framework|unauthenticated (e-?)?mail|authentication (information|checks?|verification|failures?\b)|fails? (to pass )?authentication|mail is unauthenticated/i,
      },
    ],
    samples: [
      [
        'Gmail',
        'data',
        '421 4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.',
      ],
      [
        'policyd-spf',
        'rcpt',
        '550 5.7.1 <user@example.com>: Recipient address rejected: Please see http://www.openspf.org/Why?id=news%40shop.example&ip=192.0.2.1&receiver=mx',
      ],
      [
        'Gmail',
        'data',
        "550 5.7.26 Unauthenticated email from shop.example is not accepted due to domain's DMARC policy.",
      ],
      [
        'Gmail',
        'data',
        '550-5.7.1 This message does not have authentication information or fails to pass\n550-5.7.1 authentication checks. To best protect our users from spam, the\n550 5.7.1 message has been blocked.',
      ],
      [
        'Gmail',
        'data',
        '421-4.7.0 This message does not have authentication information or fails to pass authentication checks.',
      ],
      [
        'Exchange Online',
        'data',
        '550 5.7.509 Access denied, sending domain shop.example does not pass DMARC verification and has a DMARC policy of reject.',
      ],
      ['iCloud', 'data', "554 5.7.1 Your message was rejected due to shop.example's DMARC policy."],
      [
        'GMX',
        'data',
        '550 Reject due to SPF policy. The originating IP of the message is not permitted by the domain owner',
      ],
      ['QQ', 'data', '550 DMARC check failed.'],
      ['Exim', 'mail', '550 Bad SPF records for [shop.example:192.0.2.2], see http://spf.pobox.com/'],
      ['RFC 7372', 'rcpt', '451 4.7.24 SPF validation error'],
    ],
  },
  {
    reason: 'spam',
    speaksOf: 'message',
    when: [
      {
        text: /(url|uri|link|domain)s? (in|of) (the |your )?(message|mail(?! from)|body)|(block|black)list(ed)? (url|uri|link)|^(?!.*(helo command|client host|(sender|recipient) address)).*\b(uribl|surbl|dbl)\b/i,
      },
    ],
    samples: [
      ['Exim with URIBL', 'data', '550-REJECTED - Blacklisted URL in message. (example.com) in [black].'],
      ['SpamAssassin', 'data', '550 5.7.1 Blacklisted URL in message'],
      ['Rspamd', 'data', '554 5.7.1 Message contains a domain listed in dbl.spamhaus.org (DBL)'],
    ],
  },
  {
    reason: 'reputation',
    speaksOf: 'sender',
    slowDown: true,
    when: [
      { text: /\breputation\b|\bkarma\b|temporarily deferred due to user complaints|permanently deferred/i },
    ],
    samples: [
      [
        'Gmail',
        'data',
        '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the very low reputation of the sending domain. To best protect our users from spam, the message has been blocked.',
      ],
      [
        'Yahoo',
        'data',
        '421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.',
      ],
      [
        'GoDaddy',
        'connect',
        '554 p3plibsmtp02-06.prod.phx3.secureserver.net bizsmtp IB103. Connection refused. 192.0.2.1 has a poor reputation on Cloudmark Sender Intelligence (CSI).',
      ],
      [
        'Cisco',
        'connect',
        "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
      ],
    ],
  },
  {
    reason: 'blocked',
    speaksOf: 'sender',
    slowDown: true,
    when: [
      { text: blockedSource },
      { enhanced: /\.7\.(511|6\d\d|7\d\d)$/ },
      { code: /^5/, text: /service refus/i },
      { stages: ['connect'], text: /service (refus|(is )?(not |un)available)|no smtp service/i },
    ],
    samples: [
      ['Cox', 'connect', '554 cox.net 192.0.2.1 blocked. Refer to Error Codes section'],
      [
        'Outlook.com',
        'mail',
        "550 DY-001 Mail rejected by Outlook.com for policy reasons. We generally do not accept email from dynamic IP's as they are not typically used to deliver unauthenticated SMTP e-mail to an Internet mail server.",
      ],
      [
        'Cloudmark',
        'rcpt',
        '550 5.7.1 Connection refused from 192.0.2.1. Refer to http://csi.cloudmark.com/reset-request/?ip=192.0.2.1',
      ],
      [
        'Spectrum',
        'connect',
        '554 5.7.1 - ERROR: Mail refused - <192.0.2.1> - See https://www.spectrum.net/support/internet/understanding-email-error-codes AUP#1310',
      ],
      ['Exim, cPanel', 'rcpt', '550 192.0.2.1 is listed at zen.example.net'],
      [
        'Postfix',
        'rcpt',
        '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
      ],
      ['Postfix', 'rcpt', '554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied'],
      [
        'Exchange Online',
        'mail',
        '550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/',
      ],
      [
        'Outlook.com',
        'mail',
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
      ],
      [
        'Yahoo',
        'data',
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see blocklist",
      ],
      [
        'Proofpoint',
        'rcpt',
        '554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1',
      ],
      ['Sendmail', 'mail', '550 5.7.0 <news@shop.example>... Please use the smtp server of your ISP.'],
      [
        'Laposte',
        'rcpt',
        '550 5.5.0 Service refuse. Veuillez essayer plus tard. service refused, please try later. LPN007_510',
      ],
      [
        'Orange',
        'connect',
        '421 mwinf5c77 ME Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR_999 [999]',
      ],
      ['Postfix', 'rcpt', '550 5.7.1 <localhost>: Helo command rejected: Host not found'],
      [
        'Verizon',
        'mail',
        "571 Email from 192.0.2.1 is currently blocked by Verizon Online's anti-spam system.",
      ],
      [
        'Comcast',
        'connect',
        '554 resimta-po-21v.sys.comcast.net comcast 192.0.2.1 found on one or more DNSBLs, see https://postmaster.comcast.net/smtp-error-codes.php#BL000000',
      ],
      ['AOL', 'connect', '521 5.2.1 :  (CON:B1)  http://postmaster.info.aol.com/errors/554conb1.html'],
      ['Cisco', 'rcpt', '550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.'],
      ['various, to the end', 'connect', '421 Service not available, closing transmission channel'],
      [
        'AT&T',
        'connect',
        '553 5.3.0 flpd599 DNSBL:RBL 521< 192.0.2.1 >_is_blocked.For assistance forward this error to abuse_rbl@abuse-att.net',
      ],
    ],
  },
  {
    reason: 'malformed',
    speaksOf: 'message',
    when: [
      {
        text: /(missing|duplicate|multiple|invalid|malformed|bad|disallowed|equal)\b.{0,60}\bheaders?\b|\bheaders?\b.{0,20}(missing|duplicate|invalid|fail|error|not allowed)|syntax error in .{0,20}header|multiple (from|to|sender|subject) (address|field|line)|unparse?able (from|to|header)|\blines? (length|is too long|are too long)|line length|(has|have|with|contains) no .{0,20}\bheader|(without|missing|no) (a |an |the |valid )*(to|from|date|subject|message-id)\b.{0,12}\bfields?|smtplf|bare (<?(lf|cr)\b|line-?feed)|too many mime parts|not contains? .{0,20}\bheader|(RFC|not) ?(compliant|conform)|\bRFC ?-?(2?82[12]|532[12])\b(?!;)/i,
      },
    ],
    samples: [
      ['qmail', 'data', '451 See http://pobox.com/~djb/docs/smtplf.html.'],
      ['Exim', 'data', "550 syntax error in 'From:' header"],
      ['Exim', 'data', '550 Message headers fail syntax check'],
      ['Gmail', 'data', '550-5.7.1 Messages missing a valid Message-ID header are not\n550 5.7.1 accepted.'],
      [
        'Gmail',
        'data',
        '550-5.7.1 Messages with multiple addresses in From: header are not\n550 5.7.1 accepted.',
      ],
      ['GMX', 'data', "554 Transaction failed: Duplicate header 'DKIM-Signature'."],
      ['Postfix', 'data', '521 5.5.2 mx.example.com Error: bare <LF> received\n521 bare LF'],
      ['Amavis', 'data', '554 5.6.0 Message is not RFC 2822 compliant'],
    ],
  },
  {
    reason: 'virus',
    speaksOf: 'message',
    when: [
      {
        stages: ofRecipient,
        text: /(?<!spam or )\bvirus|malware|trojan|infected|phish|executable|\bmacros?\b|password[- ]protected|encrypted (zip|archive|attachment)|(attachment|file)s?\b.{0,40}(not (allowed|permitted|accepted)|blocked|rejected|prohibited|forbidden)|(forbidden|prohibited|dangerous|illegal|banned) (attachment|file)|\bbanned\b|rejected due to security policies|potentially dangerous/i,
      },
    ],
    samples: [
      ['Exim with ClamAV', 'data', '550 Virus Detected; Content Rejected'],
      ['Amavis', 'data', '550 5.7.0 Reject, id=20025-09 - VIRUS: Eicar-Test-Signature'],
      ['Amavis', 'data', '554 5.7.0 Reject, id=07041-04 - BANNED: .exe,.exe-ms,setup.exe'],
      ['Mimecast', 'data', '554 Email rejected due to security policies - MCSpamSignature.x.x'],
      ['Exchange', 'data', '550 5.7.0 This message contains an attachment that is not allowed'],
    ],
  },
  {
    reason: 'policy',
    speaksOf: 'message',
    when: [{ text: /content presents a potential/i }],
    samples: [
      [
        'Gmail',
        'data',
        '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue.',
      ],
    ],
  },
  {
    reason: 'spam',
    speaksOf: 'message',
    when: [
      {
        stages: ofRecipient,
        text: /one or more recipients \W*blocked\W*$|\bspam ?(text|link|url|message|content)|\bspam(?! ?(haus|cop)|\w)|one or more recipients \(\W*blocked\)|spam(my|ming|-like| ?assassin|detected|signature)|unsolicited|\bjunk ?mail|\b(UCE|UBE)\b|bulk (e-?)?mail|(message|mail) (is|was|looks) (suspicious|classified)|nature of the content|message filtered|\bspam or virus|content filter|\banti-?spam|\(hvu:\w+\)|\b(dt|mi):sp[mb]\b|content.{0,3}denied|content.{0,3}reject(ed)?|mass mail(ing)?|considered (as )?spam|\bofr\w*_506\b/i,
      },
    ],
    samples: [
      ['Barracuda', 'data', '550 permanent failure for one or more recipients (user@example.com:blocked)'],
      ['Amavis', 'data', '554 5.7.0 Reject, id=20025-09 - SPAM'],
      [
        'Gmail',
        'data',
        '550 5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.',
      ],
      [
        'Gmail',
        'data',
        '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the nature of the content and/or the links within.',
      ],
      ['Sendmail milter', 'data', '550 5.7.1 message content rejected'],
      ['Cloudmark', 'data', '554 5.7.1 Content Rejected: see https://csi.cloudmark.com'],
      [
        'Symantec.cloud',
        'data',
        '553-Message filtered. Refer to the Troubleshooting page at\n553-http://www.symanteccloud.com/troubleshooting for more\n553 information. (#5.7.1)',
      ],
      // Orange says in words only that it is rejected; its code tells the filter (postmaster.orange.fr).
      ['Orange', 'data', '550 5.2.0 Mail rejete. Mail rejected. ofr_506 [506]'],
      ['AOL', 'data', '554 (HVU:B1) https://postmaster.aol.com/error-codes#554hvub1'],
      ['NetEase', 'data', '554 DT:SPM 163 smtp1,C8CowEAZ'],
      ['Tencent', 'data', '550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?id=20022'],
    ],
  },
  {
    reason: 'content',
    speaksOf: 'message',
    when: [
      {
        stages: ofRecipient,
        text: /\bcontent\b.{0,40}\b(reject|not (accept|allow)|refus|block|error|violat|filter)|(reject|refus|block)\w*.{0,30}\bcontent\b|headers? too (big|large|long)|\bsmtputf8\b|non-?unicode|(message|mail) contains? (invalid|illegal|unacceptable)/i,
      },
      { enhanced: /\.6\.\d+$/ },
    ],
    samples: [
      ['Amazon SES', 'data', '500 5.6.1 Message content is not accepted'],
      ['Exim', 'data', '552 5.6.0 Headers too large (3 max)'],
      ['RFC 6531', 'mail', '550 5.6.7 Non-ASCII addresses not permitted for that sender/recipient'],
    ],
  },

  // ── servers in trouble ──
  {
    reason: 'service_unavailable',
    speaksOf: 'relay',
    only: 'dialogue',
    when: [{ code: /^421$/ }],
    samples: [
      ['RFC 5321 §3.8', 'data', '421 4.3.2 Service shutting down'],
      ['Gmail', 'mail', '421 4.4.5 Server busy, try again later.'],
      ['Postfix', 'rcpt', '421 4.4.2 mx.example.com Error: timeout exceeded'],
    ],
  },
  {
    reason: 'system',
    speaksOf: 'relay',
    only: 'dialogue',
    when: [{ enhanced: /^4\.3\.\d+$/ }, { enhanced: /^5\.3\.\d+$/, stages: beforeRecipient }],
    samples: [
      ['Postfix', 'mail', '452 4.3.1 Insufficient system storage'],
      ['Postfix', 'data', '451 4.3.0 Error: queue file write error'],
      ['Gmail', 'data', '451 4.3.0 Mail server temporarily rejected message.'],
      ['Sendmail', 'mail', '554 5.3.0 Other mail system problem'],
    ],
  },
  {
    reason: 'policy',
    speaksOf: 'message',
    when: [{ stages: ['mail', null], text: /(mail )?from .{0,60}rejected for policy/i }],
    samples: [['Barracuda', 'mail', '554 Mail from news@shop.example rejected for policy reasons.']],
  },
  {
    reason: 'sender_refused',
    speaksOf: 'sender',
    when: [
      // Trouble of the server's own, or with the dialogue, is told at MAIL as well.
      { stages: ['mail'], code: /^(?!421|45[12]|50[0-3])\d/, enhanced: /^(?!4\.[34]\.)/ },
      { enhanced: /\.1\.[78]$/ },
      {
        text: /(sender|return[- ]?path|envelope from|from address|mail from)\b.{0,40}\b(reject|refus|denied|blocked|invalid|unknown|not (exist|found|valid|accepted|allowed|verified)|does(n't| not) exist|could not be (verified|resolved)|verif(y|ication) failed|unroutable|forged)|(invalid|unknown|bad|unroutable|unverified|rejected|forged) (envelope )?sender|domain of sender|(verify|verification)( of)? (the )?sender|badmailfrom|purported responsible address|emetteur invalide|unresolvable\b.{0,30}\b(from|sender)\b|sender (address |domain )?has (a )?null mx|rejected (your )?sender|\bblocked senders?\b|not accept (a )?null senders?|sender was rejected|does not like (the )?sender|server rejected mail from|your (e-?mail )?(address|domain) .{0,40}(not (allowed|accepted)|rejected|blocked)|(no|missing|invalid) (mx|a|dns)( or (mx|a))? records? (for|of) (the )?(sender|your)|sender (domain )?(must|does not|has no)|bad (return[- ]path|sender)|access denied, bad outbound sender|callback setup failed|callout verif|verify callout|could not verify sender/i,
      },
    ],
    samples: [
      ['Exim', 'rcpt', '451 Could not complete sender verify callout'],
      ['Postfix', 'rcpt', '450 4.1.8 <news@shop.example>: Sender address rejected: Domain not found'],
      [
        'Sendmail',
        'rcpt',
        '553 5.1.8 <news@shop.example>... Domain of sender address news@shop.example does not exist',
      ],
      ['Cisco', 'mail', '550 #5.1.0 Address rejected.'],
      ['Exim', 'mail', '550 Unroutable sender address'],
      ['Exim', 'rcpt', '550 Sender verify failed'],
      ['Courier', 'data', "550 5.7.1 can't determine Purported Responsible Address"],
      ['qmail', 'rcpt', '553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)'],
      ['Spambrella', 'rcpt', '550 5.1.0 sender rejected'],
      ['qmail', null, 'Connected to 192.0.2.25 but sender was rejected.'],
      ['Orange', 'rcpt', '550 5.1.0 Emetteur invalide. Invalid Sender. OFR204_405'],
    ],
  },

  // ── the recipient's domain ──
  {
    reason: 'no_mail_accepted',
    speaksOf: 'domain',
    when: [
      {
        text: /null ?mx|(domain|host)( name)? (\S+ )?does(n't| not) (accept|receive) (e-?)?mail|\bnot accept(ing)? (e-?)?mail for this domain|no smtp service|couldn't find a mail exchanger|no dns (entries|records)|no (mx|mail exchanger)( records?)?\b|host found but no data record|\bnot accept any mail|destination seems? to reject all mails|malformed( or unexpected)? name ?server reply|no mx found|domain .{0,60}does(n't| not) accept mail|mail is not accepted for/i,
      },
      { code: /^556$/ },
      { code: /^521$/, text: /\bnot accept(?! delivery)/i },
      { enhanced: /^5\.3\.2$/, text: /not accept/i },
    ],
    samples: [
      [
        'Postfix',
        'rcpt',
        '556 5.1.10 <user@example.com>: Recipient address rejected: Domain example.com does not accept mail (nullMX)',
      ],
      ['RFC 7505', 'rcpt', '556 5.1.10 Recipient address has null MX'],
      [
        'Gmail',
        'rcpt',
        "550 The domain example.com doesn't receive email according to the administrator: returned Null MX",
      ],
      [
        'Postfix, at a null MX',
        null,
        '5.4.4 Name service error for name=example.com type=MX: Malformed or unexpected name server reply',
      ],
      ['OpenSMTPD', null, 'Destination seem to reject all mails'],
      ['Exim', null, 'an MX or SRV record indicated no SMTP service'],
      ['Sun Messaging Server', null, 'host/domain does not accept mail'],
      ['qmail', null, "Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)"],
      ['RFC 7504', 'rcpt', '521 Server does not accept mail'],
      ['RFC 7504', 'rcpt', '556 Not here'],
      ['RFC 3463', null, '550 5.3.2 System not accepting network messages'],
    ],
  },
  // Names that do not resolve now: who asks keeps trying (4.x), and so nothing is known of the domain yet. Loops, whatever else is said.
  {
    reason: 'network',
    speaksOf: 'domain',
    when: [
      {
        enhanced: /^4\./,
        text: /dns (error|lookup|failure)|name (service|server)|host ?name lookup|name resolution|\b(mx|a|aaaa|host|name|domain)'? lookup (failure|failed|of)/i,
      },
      {
        text: /^(?!.*(space|storage|memory)).*try again\b.{0,20}$|host ?name lookup fail|(name|dns) (server |lookup )?(time(d )?out|temporar|failure)/i,
        enhanced: /^4\.4\./,
      },
      // Why an address could not be verified says more than that it was not.
      {
        text: /loops back to|\b(mail|forwarding|routing|delivery) loop|loop detect|too many hops|hop count exceeded|forwarded more than the maximum|network i\/o error/i,
      },
      {
        text: /host ?name lookup failure|host lookup did not complete|host not found,? try again|name ?server time ?(d )?out|temporary (failure in name resolution|dns)|dns (server )?(timeout|temporary)|all (relevant )?host address lookups (have )?failed temporarily/i,
      },
    ],
    samples: [
      ['Postfix', 'data', '554 5.4.6 Error: too many hops'],
      ['Postfix', null, 'mail for example.com loops back to myself'],
      ['Sendmail', null, '553 5.3.5 mx.example.com. config error: mail loops back to me (MX problem?)'],
      ['Exim', null, 'loop: too many "Received" headers - suspected mail loop'],
      [
        'Exchange',
        null,
        'the message was forwarded more than the maximum allowed times. This could indicate a mail loop.',
      ],
      ['Exim', null, 'host lookup did not complete'],
      [
        'Gmail',
        null,
        "4.0.0 DNS Error: 80335577 DNS type 'mx' lookup of example.com responded with code NXDOMAIN",
      ],
      [
        'Postfix',
        null,
        '4.4.3 Host or domain name not found. Name service error for name=example.com type=MX: Host not found, try again',
      ],
      ['Postfix', null, 'Name service error for domain example.com: Host not found, try again'],
      ['Sendmail', null, 'Deferred: Name server: example.com.: host name lookup failure'],
      ['Exim', null, 'all host address lookups failed temporarily'],
    ],
  },
  {
    reason: 'host_unknown',
    speaksOf: 'domain',
    when: [
      { enhanced: /\.1\.2$/ },
      { enhanced: /^5\.4\.4$/ },
      {
        text: /domain( name)?( \S+)? (not found|does not exist|is not reachable|unknown|couldn't be found|could not be found)|unknown (mail )?(host|domain)|(?<![@\w.-])[a-z\d][a-z\d-]*(\.[a-z\d-]+)+ does not exist|host( or domain name)?( \S+)? (not found|unknown)|(bad|invalid|no such|illegal|nonexistent|unroute?able)( destination)? (host|mail system|system|mail domain|domain)|unroute?able address|non[- ]?existent (host|domain)|any host (named|by that name)|nxdomain|could not be found in (dns|domain name service)|destination (e-?mail |computer )?system is unknown|no such domain|(dns|illegal) (domain|host).{0,30}(does not exist|found)|unknown host|failed to get ips|domain( name)?\b.{0,20}\b(could|can)( ?not|n't) be (resolved|found|located)|name or service not known|nodename nor servname|no address associated with|\bno[ -](such[ -])?domain\b|(invalid|unknown|no such) destination domain|(domain\w*|domanenname) (ist )?(unbekannt|inconnu)|all relevant mx records point to non-existent|ドメイン.{0,10}(見つかり|存在し)/i,
      },
    ],
    samples: [
      ['RFC 3463', 'rcpt', '550 5.1.2 Bad destination system address'],
      ['Postfix', 'rcpt', '450 4.1.2 <user@example.com>: Recipient address rejected: Domain not found'],
      [
        'Sendmail',
        'rcpt',
        '550 5.1.2 <user@example.com>... Host unknown (Name server: example.com: host not found)',
      ],
      ['Exchange', 'rcpt', '554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain'],
      ['Exim', null, 'Unrouteable address'],
      ['Exim', null, 'all relevant MX records point to non-existent hosts'],
      ['OpenSMTPD', null, 'Domain does not exist'],
      ['Sun Messaging Server', null, 'Illegal host/domain name found'],
      [
        'Exchange 2003',
        null,
        'The destination server for this recipient could not be found in Domain Name Service (DNS).',
      ],
      ['Sendmail', 'rcpt', '553 mail.example.com does not exist'],
      ['DragonFly', null, 'DNS lookup failure: host mx.example.com not found'],
      ['qmail', null, "Sorry, I couldn't find any host named example.com. (#5.1.2)"],
      ['Gmail', null, "5.1.2 the domain example.com couldn't be found."],
      [
        'Alibaba',
        'data',
        '554 The mail could not be delivered to the recipient because the domain is not reachable.',
      ],
    ],
  },

  // ── the recipient's address, by words ──
  {
    reason: 'mailbox_full',
    speaksOf: 'address',
    when: [{ enhanced: /\.2\.2$/ }, { text: full }],
    samples: [
      [
        'Gmail',
        'rcpt',
        "452 4.2.2 The recipient's inbox is out of storage space. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp",
      ],
      ['Gmail', 'rcpt', "552 5.2.2 The recipient's inbox is out of storage space and inactive."],
      ['Dovecot', 'data', '452 4.2.2 <user@example.com> Quota exceeded (mailbox for user is full)'],
      ['Exim', 'rcpt', '552 mailbox is full'],
      ['iCloud', 'rcpt', '552 5.2.2 <user@icloud.com>: user is over quota'],
      ['Yahoo', 'data', '552 1 Requested mail action aborted, mailbox is over quota'],
      ['Sun Messaging Server', null, '522 5.2.0 Delivery failed: Over quota'],
      ['Orange', 'rcpt', '552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR204_417'],
      ['Dovecot', null, 'Not enough disk space'],
      ['IMail', null, 'user mailbox exceeds allowed size: user@example.com'],
      [
        'Postfix',
        null,
        'cannot update mailbox /var/mail/user for user user. error writing message: File too large',
      ],
      ['RFC 5321 §4.2.2', 'data', '552 Requested mail action aborted: exceeded storage allocation'],
      ['various', 'data', '552 Mail exceeded storage allocation'],
    ],
  },
  // Apple calls an address that is no longer one "inactive", under the status that says it for good.
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    when: [{ enhanced: /^5\.1\.1$/, text: /inactive e-?mail address/i }],
    samples: [['iCloud', 'rcpt', '550 5.1.1 <user@icloud.com>: inactive email address']],
  },
  {
    reason: 'suspended',
    speaksOf: 'address',
    when: [{ enhanced: /\.7\.13$/ }, { text: switchedOff }],
    samples: [
      [
        'Gmail',
        'rcpt',
        '550-5.2.1 The email account that you tried to reach is inactive. For more\n550 5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser',
      ],
      ['Gmail', 'rcpt', '550 5.2.1 The email account that you tried to reach is disabled.'],
      [
        'Yahoo',
        'data',
        '554 delivery error: dd Sorry your message to user@yahoo.com cannot be delivered. This account has been disabled or discontinued [#102].',
      ],
      ['Sendmail', 'rcpt', '450 4.2.1 Mailbox temporarily disabled: user@example.com'],
      ['vpopmail', null, 'vdelivermail: account is locked email bounced'],
      ['RFC 7372', 'rcpt', '525 5.7.13 Disabled recipient address'],
      ['Orange', 'rcpt', '550 5.1.1 Boite du destinataire archivee. Archived recipient. OFR204_418'],
      ['Coremail', 'rcpt', '550 User suspended'],
      ['Sun Messaging Server', 'rcpt', '550 5.2.1 user disabled; cannot receive new mail'],
      ['qmail', null, 'This address no longer accepts mail. (#5.2.1)'],
      [
        'Yahoo',
        'data',
        '554 30 Sorry, your message to user@yahoo.com cannot be delivered. This mailbox is disabled (554.30).',
      ],
    ],
  },
  {
    reason: 'moved',
    speaksOf: 'address',
    when: [
      { enhanced: /\.1\.6$/ },
      { code: /^551$/, enhanced: /^$|\.0\.0$|\.1\.6$/ },
      {
        text: /(?<!perhaps the )(user|mailbox|recipient|account) (has )?moved|(e-?mail )?address (has )?(been )?(changed|replaced)|(my|new) (e-?mail )?address is\b|no longer (on (this )?server|works? (here|for))/i,
      },
    ],
    samples: [
      ['RFC 5321 §3.4', 'rcpt', '551 User not local; please try <user@elsewhere.example>'],
      [
        'Postfix',
        'rcpt',
        '550 5.1.6 <user@example.com>: Recipient address rejected: User has moved to user@elsewhere.example',
      ],
      ['IBM', 'rcpt', '550 5.1.6 recipient no longer on server: user@example.com'],
    ],
  },
  // A program said it, no server that knows its users: procmail's "no such user" is about a directory.
  {
    reason: 'mailer_error',
    speaksOf: 'domain',
    when: [
      {
        text: /^x-unix;|command (output|died|failed|line usage|time limit)|pipe to \||(unknown )?mailer (error|failed)|procmail:|maildir delivery failed|maildrop:|delivery (agent|program|command) (error|failed)|local delivery failed|transport .{0,30}(failed|error|returned)|operating system error|exit(ed)? (with )?(status|code) \d/i,
      },
    ],
    samples: [
      ['Postfix', null, '5.3.0 Command time limit exceeded: "/usr/local/bin/filter"'],
      [
        'Postfix pipe',
        null,
        'x-unix; procmail: Couldn\'t create "/var/spool/mail/user" id: r.example.org: No such user',
      ],
      ['Exim', null, 'pipe to |/usr/local/bin/filter user@example.com'],
      ['Sendmail', null, '451 4.0.0 Operating system error'],
      ['Sendmail', null, '554 5.3.0 unknown mailer error 2'],
    ],
  },
  // Who looks for the mailbox only when the message is there.
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    when: [
      {
        code: /^55/,
        text: /delivery error: .{0,80}(does(n't| not) have|not a valid recipient|no longer valid)|requested mail action aborted, mailbox not found|local mailbox .{0,80}user not found|\b(ofr|lpn)\w*_416\b/i,
      },
    ],
    samples: [
      ['SFR', 'data', '550 5.5.0 Adresse destinataire invalide. Invalid recipient. LPN007_416'],
      [
        'Yahoo',
        'data',
        "554 delivery error: dd This user doesn't have a yahoo.com account (user@yahoo.com) [0]",
      ],
      [
        'Mail.ru',
        'data',
        '550 Message was not accepted -- invalid mailbox. Local mailbox user@mail.ru is unavailable: user not found',
      ],
    ],
  },
  // A server that knows its users says so at RCPT, or under 5.1.x. Said after the whole message, or nobody knows when and with no
  // status, "unknown" may be a filter's word: Japanese and French providers hide theirs behind it. So it counts, and does not end the
  // address at once.
  {
    reason: 'filtered',
    speaksOf: 'address',
    when: [
      { stages: ['data', null], code: /^5/, enhanced: /^(?!\d\.1\.)/, text: nobody },
      {
        stages: ['data', null],
        code: /^550$/,
        enhanced: /^$/,
        text: /mailbox (is )?(unavailable|not available)\b/i,
      },
      {
        text: /(rejected|refused|blocked|denied|filtered) by (the |your |this )?(recipient|user|addressee|customer|domain filter|mail filter|personal)|(preferences|privacy settings) (prevent|block)|based on the (email )?preferences|delivery was refused|\b(user|recipient|customer)s? ((has |have |is |are )?(blocked|rejected|refused|refuses|declined|rejecting|refusing) (this|your|you|the|mail|email|messages?)|(has|have) (blocked|rejected|refused|declined)|is rejecting|is refusing|refuses|(do|does)(n't| not) (accept|want)|(is |are )?not accepting|only accepts)|not accepting (mail|email|messages) with|domain filter|recipient('s)? (\S+ )?(filter|block(ed)? ?list|allow(ed)? ?list|preferences)|only accept(s|ing)? (e-?)?mails? from|not accepting (e-?)?mail from (this|your|you)/i,
      },
    ],
    samples: [
      ['au', 'data', '550 <user@ezweb.ne.jp>: User unknown'],
      ['NTT docomo through Amazon SES', null, "550-'Unknown user user@docomo.ne.jp'"],
      ['NTT docomo', 'data', '550 5.2.0 Unknown user user@docomo.ne.jp'],
      ['Zoho', null, '550 Requested action not taken: mailbox unavailable'],
      ['Zoho', null, '550 5.2.1 <user@example.com>... User Unknown'],
      ['Tencent', 'data', '550 Mail is rejected by recipients'],
      ['Verizon', 'data', '550 4.2.1 The message was rejected by the recipient'],
      ['Yahoo Groups', 'rcpt', '550 5.7.1 This user only accepts mail from senders on the allow list'],
    ],
  },
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    when: [
      { text: nobody },
      { code: /^550$/, text: /mailbox (is )?(unavailable|not available)\b/i },
      { code: /^542$/, text: /rejected/i },
      // Nothing else said than that the recipient is refused, for good.
      { code: /^550$/, text: /(recipient|address)( address)? rejected\W*$/i },
      // Exchange Online's directory has no such recipient.
      { enhanced: /^5\.4\.1$/, text: /recipient address(es)? rejected ?: access denied/i },
    ],
    samples: [
      ['Sophos UTM', 'rcpt', '550 Address not present in directory'],
      [
        'Postfix',
        'rcpt',
        '550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in virtual mailbox table',
      ],
      [
        'Gmail',
        'rcpt',
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces.",
      ],
      [
        'Exchange Online',
        'rcpt',
        '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
      ],
      [
        'Exchange Online',
        'rcpt',
        '550 5.4.1 Recipient address rejected: Access denied. [AM5EUR03.eop-EUR03.prod.protection.outlook.com]',
      ],
      ['Outlook.com', 'rcpt', '550 5.5.0 Requested action not taken: mailbox unavailable.'],
      ['GMX', 'rcpt', '550 Requested action not taken: mailbox unavailable'],
      ['au one net', 'rcpt', '550 <user@auone-net.jp>: Recipient address rejected.'],
      ['iCloud', 'rcpt', '550 5.1.1 <user@icloud.com>: user does not exist'],
      ['Sendmail', 'rcpt', '550 5.2.1 <user@example.com>... User Unknown'],
      ['qmail', 'rcpt', '550 sorry, no mailbox here by that name. (#5.7.17)'],
      ['Exim', 'rcpt', '550 Unknown user'],
      ['Exchange 5.5', null, 'The recipient name is not recognized'],
      ['Domino', null, 'User user (user@example.com) not listed in Domino Directory'],
      ['Domino', null, 'ユーザー user (user@example.com) は Domino ディレクトリには見つかりません。'],
      [
        'Gmail',
        null,
        "Your message wasn't delivered to user@example.com because the address couldn't be found.",
      ],
      ['1&1', null, 'Empfänger unbekannt'],
      ['Exim', 'rcpt', '550 unknown local-part "user" in domain "example.com"'],
      ['RFC 3463', 'rcpt', '550 5.1.1 Bad destination mailbox address'],
      ['IMail', null, 'Invalid final delivery userid: user@example.com'],
      ['Sun Messaging Server', null, '550 5.1.1 unknown or illegal alias: user@example.com'],
      ['Exchange', null, '5.1.1 RESOLVER.ADR.RecipNotFound; not found'],
      ['Exchange 2003', null, 'The recipient has been deleted or has no e-mail address.'],
      ['MessageLabs', 'rcpt', '542 user@example.com Rejected'],
      ['Verizon', null, 'Error: No valid recipients from this MM'],
      ['Bigfoot', 'rcpt', '553 Invalid recipient user@example.com (Mode: normal)'],
      ['Tencent', 'rcpt', '550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022'],
    ],
  },

  // ── what a message must not ──
  {
    reason: 'security',
    speaksOf: 'sender',
    when: [
      {
        text: /access (to \S+ )?(is )?denied|auth ?required|delivery not authori[sz]ed|authentication (is )?(needed|required)|not (permitted|authori[sz]ed|allowed) to (send|post|deliver|mail|e-?mail|write|use)|\.not ?authori[sz]ed|restricted\b(?! by policy)|permission to (send|post)|security (error|reasons|violation)|smtp authentication|auth not advertised|\blogin (to \S+ )?failed|message encryption|permission to send|members?[- ]only|only registered users|\bnon-?member|not a (group |list )?member|sender not (in|on) (the )?(allowed|accepted)|(tls|certificate|encryption)\b.{0,40}\b(required|not (trusted|verified|offered|supported)|failed|error)/i,
      },
      { enhanced: /\.7\.[38]$/ },
    ],
    samples: [
      ['Sendmail', 'rcpt', '550 5.7.1 <news@shop.example>... Access denied'],
      ['Exchange Online', 'rcpt', '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required'],
      ['Exchange', null, "Your message can't be delivered because delivery to this address is restricted."],
      ['RFC 4954', 'rcpt', '550 5.7.8 Authentication credentials invalid'],
    ],
  },
  {
    reason: 'policy',
    speaksOf: 'message',
    when: [
      {
        text: /\bpolic(y|ies)\b(?! check)|administrative prohibition|\bspoof(ed|ing)\b|will not accept (delivery of )?(this|your) (message|mail)|bounce attack/i,
      },
    ],
    samples: [
      ['iCloud', 'data', '550 5.7.1 [CS01] Message rejected due to local policy.'],
      [
        'Yahoo',
        'data',
        '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
      ],
      ['GMX', 'data', '554 Transaction failed: Reject due to policy restrictions.'],
      ['Gmail', 'data', '550 5.7.1 This message violates example.com email policy. - gcdp'],
      ['Exim, Mimecast', 'rcpt', '550 Administrative prohibition'],
      ['AOL', 'data', '521 5.2.1 : AOL will not accept delivery of this message.'],
    ],
  },

  // ── systems and networks, by words ──
  {
    reason: 'system',
    speaksOf: 'domain',
    when: [
      { code: /^4/, text: /service refus/i },
      {
        text: /local (problem|error|configuration error)|server (is )?(too )?busy|temporary (server|system|lookup|local) (error|problem|failure)|internal (server )?(error|problem)|(system|server|configuration) (error|problem|failure)|resources (are )?temporarily unavailable|\bldap\b|(insufficient|low|out of|no) (system )?(storage|disk|memory|resources)|disk (is )?full|no space left|space shortage|^\W*temporarily unavailable|insufficient system resources|i\/o error|can(no|'| no)t (create|open|lock|write)|system (config|incorrectly configured|full|congestion)|list expansion problem|service not available|lowest numbered mx record points to local host|duplicated message-id|malfunction|mail transport (unavailable|error)|unknown mail transport|bad command startup|remote host address is the local host|can(no|')t (append|chdir|stat|read|update)|unable to (open|write|create|lock|run|read) |could ?n(o|')t (open|create|write)|mail database is corrupt|in use by\b|mailbox in use|corrupted queue|\btoo busy\b|\bhigh load|plugin time-?out|could not be saved|home directory|\.qmail\b|system filter|failed to expand|load (is )?too high|not owned by recipient|could not retrieve|mail to (command|file) is restricted|temporary failure in user lookup|chdir to maildir|information store|child crashed|service (is )?(temporarily |currently )(un|not )available|internal system|unable to process (your |this |the )?(email|mail|message|connection|request)|not (properly )?configured(?! to receive)|database (error|fail)|out of memory|shutting down|maintenance/i,
      },
    ],
    samples: [
      ['Courier', 'rcpt', '431 temporarily unavailable'],
      ['Exim', 'data', '452 space shortage, please try later'],
      // Orange; see blocked for the same words for good, or before anything was said.
      [
        'Orange',
        null,
        '421 4.2.0 Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR005_505 [505]',
      ],
      ['Exim', 'rcpt', '451 Temporary local problem - please try later'],
      ['GMX', 'data', '451 Requested action aborted: local error in processing'],
      [
        'Exchange Online',
        'rcpt',
        '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712344)',
      ],
      ['Exchange Online', 'data', '451 4.7.0 Temporary server error. Please try again later. PRX4'],
      ['Mimecast', 'rcpt', '451 Internal resources are temporarily unavailable'],
      ['qmail-ldap', null, 'Unable to contact LDAP server. (#4.4.3)'],
      ['Postfix', null, 'mail transport unavailable'],
      ['various', null, '554 Service currently unavailable'],
      ['Domino', null, 'Unable to open mail file: No such file or directory'],
      ['fml', null, 'Duplicated Message-ID in <list@example.com>.'],
    ],
  },
  {
    reason: 'network',
    speaksOf: 'domain',
    when: [
      {
        text: /mx list .{0,80}points back to|\bmail loop|network (error|is unreachable|unreachable|problem)|no route to host|host (is )?(unreachable|down)|(dns|name server|domain name) (error|lookup fail|problem)|name service error|lost connection|closed (the )?connection|mx lookup (error|failure)|failure in mx lookup|connection (was )?(dropped|lost|reset|closed|aborted)|connection died|broken pipe|protocol error|no hosts? to (deliver|send)|is looping|no route found|unable to (resolve|route|look ?up)|best-preference mx|communications? (failure|problem)|dns query failed|cname lookup failed/i,
      },
    ],
    samples: [
      ['Sendmail', null, '554 MX list for example.com. points back to mail.example.com'],
      ['OpenSMTPD', null, 'Network error on destination MXs'],
      ['qmail', null, 'This message is looping: it already has my Delivered-To line. (#5.4.6)'],
      ['Domino', null, 'No route found to server MAIL/SHOP from server HUB/SHOP.'],
      ['Postfix', null, 'lost connection with mx.example.com[192.0.2.25] while sending RCPT TO'],
    ],
  },
  {
    reason: 'unreachable',
    speaksOf: 'domain',
    when: [
      {
        text: /(connection|operation|session|conversation\b.{0,60}) timed out|\b(connection|connect|smtp|lmtp|read|network) time-?out|timeout (after|while|during|waiting)|no valid route|tried all mx|address family mismatch|connection refused|connect(ion)? (failed|failure)|could not connect|unable to connect|(did not|didn't) accept our requests to connect|no answer from|not respond|socket error|wasn't able to establish|host not reachable|unable to (contact|reach) (the )?(destination|remote|recipient)|failed to connect|network timeout/i,
      },
    ],
    samples: [
      [
        'Postfix before-queue proxy',
        'rcpt',
        '450 4.4.1 connect to example.com[192.0.2.25]:25: Connection timed out',
      ],
      ['Sendmail', null, 'Deferred: Connection refused by mx.example.com.'],
      ['Gmail', null, 'The recipient server did not accept our requests to connect.'],
      ['Exchange', null, 'Unable to connect successfully to the destination mail server'],
    ],
  },
  {
    reason: 'expired',
    speaksOf: 'domain',
    when: [
      { enhanced: /\.4\.7$/ },
      {
        text: /retry time(out)? (not reached|exceeded)|(delivery|envelope|message|mail|retry)( time)? (has )?expired|in (the )?queue too long|could not (be )?deliver(ed)?\b.{0,20}for (the last |more than )?\d+|still undelivered|undeliver\w+ for more|not (been )?delivered (after|within|for)|(undelivered|delayed|failed) (for|after|within)? ?(more than )?\d+ (attempts|hours|days|minutes)|failed \d+ attempts|attempts (have been |were )?exhausted|time ?limit (was )?exceeded|maximum (delivery )?(retries|attempts|time)|giving up after|too old|after multiple retries|aborted after \d|time limit specified|in the time limit|delivery time-?out|have been failing for a long time|max(imum)? time in queue|cannot send message for|has been (delayed|queued) for|\btimed out\b/i,
      },
    ],
    samples: [
      ['Exim', null, 'message has been in queue too long'],
      ['Exchange Online', null, '550 4.4.7 QUEUE.Expired; message expired'],
      ['Exim', null, 'retry timeout exceeded'],
      ['OpenSMTPD', null, 'Envelope expired'],
      ['DragonFly', null, 'Could not deliver for the last 432000 seconds. Giving up.'],
      ['qmail', null, "I'm not going to try again; this message has been in the queue too long."],
      ['Sendmail', null, 'Warning: message still undelivered after 4 hours'],
      [
        'Exim',
        null,
        'all hosts for example.com have been failing for a long time and were last tried after this message arrived',
      ],
      ['Yahoo', null, 'Unable to deliver message after multiple retries, giving up.'],
      [
        'Exchange',
        null,
        'Could not deliver the message in the time limit specified. Please retry or contact your administrator.',
      ],
      ['IMail', null, 'Delivery failed 20 attempts: user@example.com'],
    ],
  },

  {
    reason: 'filtered',
    speaksOf: 'address',
    weak: true,
    when: [{ text: /each of the following recipients was rejected by a remote mail server/i }],
    samples: [['au', null, 'Each of the following recipients was rejected by a remote mail server.']],
  },

  // ── codes of providers who say nothing in words ──
  ...facebookCodes,

  // ── by enhanced status, RFC 3463, where the words said nothing ──
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    weak: true,
    when: [{ enhanced: /\.1\.[01]$/ }],
    samples: [
      ['various', 'rcpt', '550 5.1.1 Not here'],
      [
        'Postfix',
        'rcpt',
        '450 4.1.1 <user@example.com>: Recipient address rejected: unverified address: mail for example.com',
      ],
    ],
  },
  {
    reason: 'no_mail_accepted',
    speaksOf: 'domain',
    weak: true,
    when: [{ enhanced: /\.1\.10$/ }],
    samples: [['RFC 7505', 'rcpt', '550 5.1.10 Not here']],
  },
  {
    reason: 'bad_address',
    speaksOf: 'address',
    weak: true,
    when: [
      { enhanced: /^[45]\.1\.[345]$/ },
      { text: /more than one person named|recipient user name info .{0,80}not unique/i },
    ],
    samples: [
      ['Postfix', 'rcpt', '501 5.1.3 Bad recipient address syntax'],
      ['Domino', null, 'There is more than one person named user in the Domino Directory'],
    ],
  },
  {
    reason: 'too_big_for_mailbox',
    speaksOf: 'message',
    weak: true,
    when: [{ enhanced: /\.2\.3$/ }],
    samples: [['RFC 3463', 'data', '552 5.2.3 Not taken']],
  },
  {
    reason: 'suspended',
    speaksOf: 'address',
    weak: true,
    when: [
      {
        enhanced: /\.2\.[01]$/,
        text: /^(?!.*\b(message|mail|content)( \w+)? (rejected|refused|denied|blocked))/i,
      },
    ],
    samples: [['RFC 3463', 'rcpt', '550 5.2.1 Not accepting messages']],
  },
  {
    reason: 'unreachable',
    speaksOf: 'domain',
    weak: true,
    when: [{ enhanced: /\.4\.[125]$/ }],
    samples: [['Gmail', 'data', '451 4.4.2 Timeout - closing connection.']],
  },
  {
    reason: 'network',
    speaksOf: 'domain',
    weak: true,
    when: [{ enhanced: /\.4\.\d+$/ }],
    samples: [['Exchange Online', 'data', '451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35.']],
  },
  // Many greylists say only when to come back, or "later" under 4.7.1.
  {
    reason: 'greylisted',
    speaksOf: 'address',
    greylisted: true,
    weak: true,
    when: [
      {
        code: /^4/,
        text: /(come back|try(ing)? again|retry) (in|after) (\d|a few|some)|first[- ]time sender|not yet authori[sz]ed to deliver/i,
      },
      {
        enhanced: /^4\.7\.1$/,
        text: /^(temporarily rejected|temporary failure|service (is )?unavailable|greeting delay)?\W*(please )?try (again )?later\W*$/i,
      },
    ],
    samples: [
      ['Plesk', 'data', '451 4.7.1 Service unavailable - try again later'],
      ['Evan Harris, relaydelay', 'rcpt', '451 4.7.1 Please try again later'],
      [
        'Postfix policy server',
        'rcpt',
        '450 4.7.1 <user@example.com>: Recipient address rejected: Try again in 5 minutes',
      ],
    ],
  },
  {
    reason: 'system',
    speaksOf: 'domain',
    weak: true,
    when: [{ enhanced: /\.3\.\d+$/ }, { text: /service unavailable/i }],
    samples: [
      ['Sendmail', 'rcpt', '553 5.3.9 not taken'],
      ['Sendmail', null, '554 5.0.0 Service unavailable'],
    ],
  },
  // RFC 7293: somebody else has the mailbox, or the domain, by now.
  {
    reason: 'moved',
    speaksOf: 'address',
    weak: true,
    when: [{ enhanced: /\.7\.1[78]$/ }],
    samples: [['RFC 7293', 'rcpt', '550 5.7.17 Mailbox owner has changed']],
  },
  {
    reason: 'security',
    speaksOf: 'sender',
    weak: true,
    when: [{ enhanced: /\.7\.\d+$/ }],
    samples: [['various', 'data', '550 5.7.14 Not trusted']],
  },

  // We said something that the server does not understand: no fault of the recipient.
  {
    reason: 'protocol',
    speaksOf: 'message',
    weak: true,
    when: [
      { code: /^(50[0-4]|555)$/ },
      { enhanced: /\.5\.[12456]$/ },
      { text: /syntax error|(bad|improper) sequence|synchroni[sz]ation error/i },
    ],
    samples: [
      ['RFC 5321 §4.3.2', 'rcpt', '503 5.5.1 Bad sequence of commands'],
      ['Sendmail', 'rcpt', '550 5.5.4 Unsupported option'],
    ],
  },

  // ── by stage ──
  {
    reason: 'blocked',
    speaksOf: 'sender',
    only: 'report',
    weak: true,
    when: [{ stages: ['connect'] }],
    samples: [['Exim', 'connect', '550 Rejected']],
  },
  {
    reason: 'mailbox_full',
    speaksOf: 'address',
    weak: true,
    when: [{ code: /^(452|552)$/, stages: ['rcpt'] }],
    samples: [['RFC 5321 §4.2.3', 'rcpt', '552 Requested mail action aborted']],
  },
  {
    reason: 'recipient_refused',
    speaksOf: 'address',
    weak: true,
    when: [{ stages: ['rcpt'] }],
    samples: [
      ['various', 'rcpt', '550 Rejected'],
      ['RFC 5321 §4.2.2', 'rcpt', '450 Requested mail action not taken: mailbox unavailable'],
    ],
  },
  {
    reason: 'try_later',
    speaksOf: 'message',
    only: 'dialogue',
    weak: true,
    when: [{ code: /^4/ }],
    samples: [['RFC 5321 §4.2.2', 'data', '451 Requested action aborted']],
  },
  {
    reason: 'expired',
    speaksOf: 'domain',
    only: 'report',
    weak: true,
    when: [{ code: /^4/ }, { enhanced: /^4/ }],
    samples: [
      ['various, after days', null, '450 Requested action not taken'],
      ['various, after days', null, '451 4.0.0 Not now'],
    ],
  },
  {
    reason: 'message_refused',
    speaksOf: 'message',
    only: 'dialogue',
    weak: true,
    when: [{}],
    samples: [['RFC 5321 §4.2.2', 'data', '554 Transaction failed']],
  },
  {
    reason: 'unknown',
    speaksOf: 'message',
    only: 'report',
    weak: true,
    when: [{}],
    samples: [['various', null, '554 Transaction failed']],
  },
];
