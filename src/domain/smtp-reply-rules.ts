/** Where in the dialogue the answer came; it says of what the answer can speak (RFC 5321 §4.2). */
export type SmtpStage = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data';

/** Of what the answer speaks. Only `address` and `domain` may ever lead to a suppression. */
export type SpeaksOf = 'address' | 'message' | 'domain' | 'relay' | 'sender';

/**
 * What servers say and what it means: data, read from top to bottom, and the first rule that fits decides. Each rule shows real
 * replies that it is there for (who says it, in answer to what, the words); a test reads them back. Words come before enhanced
 * statuses, because servers use 5.1.1, 5.2.1 and 5.7.1 for almost everything; stages come last. Addresses in a reply are not matched.
 * Whether a refusal is for good is never said here: the first digit alone says it (RFC 5321 §4.2.1).
 */
export interface ReplyRule {
  readonly reason: string;
  readonly speaksOf: SpeaksOf;
  /** Fewer mails at a time to what it speaks of. */
  readonly slowDown?: true;
  /** RFC 6647: a retry and nothing else. */
  readonly greylisted?: true;
  /** One of these must hold; in it, everything that it names. */
  readonly when: readonly ReplyCondition[];
  readonly samples: readonly (readonly [who: string, stage: SmtpStage, reply: string])[];
}

export interface ReplyCondition {
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly text?: RegExp;
  readonly stages?: readonly SmtpStage[];
}

const beforeRecipient: readonly SmtpStage[] = ['connect', 'tls', 'auth', 'mail'];
const ofRecipient: readonly SmtpStage[] = ['rcpt', 'data'];

const tooMuch =
  /unusual rate|rate[- ]?limit|frequency limit|too (quickly|fast)\b|at a rate that|(unexpected|excessive|high) volume|too (much mail|many (messages|mails|e-?mails|recipients|requests))|throttl|thread limit exceeded/i;
const blockedSource =
  /(block|black|deny)[- ]?list|blocked using|\b(spamhaus|dnsbl|rbl)\b|client host rejected|\bbanned\b|\breputation\b|(client|sending|your|source|server|\bip)( host| ip| address| server)*\b.{0,40}\bblocked\b|\bblocked ip\b|reverse (dns|hostname)|\bPTR\b|not accepted from servers/i;

export const replyRules: readonly ReplyRule[] = [
  // ── our account at the relay, and the way to it ──
  {
    reason: 'relay_quota',
    speaksOf: 'relay',
    slowDown: true,
    when: [
      {
        text: /maximum sending rate|(message|sending) quota exceeded|(relay|sending|messaging) limits? exceeded|exceeded your (messaging|sending) limit|maximum credits exceeded/i,
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
      { text: /(starttls|tls|encryption) (is )?(required|needed)|must issue a starttls/i },
      { enhanced: /\.7\.10$/ },
    ],
    samples: [
      ['Postfix, Gmail', 'mail', '530 5.7.0 Must issue a STARTTLS command first'],
      ['Exchange', 'mail', '451 5.7.3 STARTTLS is required to send mail'],
      ['RFC 5248', 'auth', '523 5.7.10 Encryption Needed'],
      ['RFC 3207', 'tls', '454 4.7.0 TLS not available due to local problem'],
    ],
  },
  {
    reason: 'authentication',
    speaksOf: 'relay',
    when: [{ stages: ['auth'], code: /^(?!421)/ }, { code: /^53[0458]$/ }],
    samples: [
      ['Postfix', 'auth', '535 5.7.8 Error: authentication failed: authentication failure'],
      ['Amazon SES', 'auth', '535 Authentication Credentials Invalid'],
      ['Gmail', 'auth', '535 5.7.8 Username and Password not accepted.'],
      [
        'Postfix',
        'auth',
        '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
      ],
      ['Amazon SES', 'mail', '530 Authentication required'],
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
  {
    reason: 'rate_limited',
    speaksOf: 'relay',
    slowDown: true,
    when: [{ stages: beforeRecipient, text: tooMuch }, { text: /too (much mail|many recipients) from/i }],
    samples: [
      ['Postfix', 'mail', '450 4.7.1 Error: too much mail from 192.0.2.1'],
      ['Postfix', 'rcpt', '450 4.7.1 Error: too many recipients from 192.0.2.1'],
      [
        'Yahoo',
        'mail',
        '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
      ],
      ['GMX', 'connect', '421 Rate limit reached. Please try again later'],
    ],
  },
  // Behind a smarthost a 421 speaks of the relay; once it knows the recipient, a rate is that of the recipient's system.
  {
    reason: 'rate_limited',
    speaksOf: 'domain',
    slowDown: true,
    when: [
      { stages: ofRecipient, text: tooMuch },
      { stages: ofRecipient, enhanced: /\.7\.28$/ },
    ],
    samples: [
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
        'Yahoo',
        'data',
        '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
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
    ],
  },
  {
    reason: 'connection',
    speaksOf: 'relay',
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
        text: /not owned by user|address is not verified|verified sender identity|sendasdenied|not (allowed|authori[sz]ed) to send (as|from)|permissions? to send as/i,
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
      { text: /relay(ing)? (access )?(is )?(denied|not (permitted|allowed)|prohibited)|unable to relay/i },
    ],
    samples: [
      ['Postfix', 'rcpt', '554 5.7.1 <user@example.com>: Relay access denied'],
      [
        'Sendmail',
        'rcpt',
        '550 5.7.1 <user@example.com>... Relaying denied. Proper authentication required.',
      ],
      ['Exim', 'rcpt', '550 relay not permitted'],
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

  // ── the message and who sends it ──
  {
    reason: 'too_big',
    speaksOf: 'message',
    when: [
      { enhanced: /\.(3\.4|2\.3)$/ },
      // At MAIL already where the server offers SIZE (RFC 1870 §6.1).
      { code: /^552$/, stages: ['mail'] },
      { text: /message (size |length )?(is |was )?(too (big|large)|exceed)|headers? too (big|large)/i },
    ],
    samples: [
      ['Postfix', 'mail', '552 5.3.4 Message size exceeds fixed limit'],
      ['Sendmail', 'data', '552 5.2.3 Message size exceeds fixed maximum message size (10485760)'],
      ['Exim', 'mail', '552 Message size exceeds maximum permitted'],
      ['Gmail', 'data', "552 5.3.4 Your message exceeded Google's message size limits."],
      ['Exim', 'data', '552 5.6.0 Headers too large (3 max)'],
    ],
  },
  {
    reason: 'authentication_results',
    speaksOf: 'sender',
    when: [
      { enhanced: /\.7\.(2[0-4]|26|27|30|509)$/ },
      {
        text: /\b(spf|dmarc|dkim(?!-signature))\b|unauthenticated (e-?)?mail|authentication (information|checks|verification)/i,
      },
    ],
    samples: [
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
      ['RFC 7372', 'rcpt', '451 4.7.24 SPF validation error'],
    ],
  },
  {
    reason: 'reputation',
    speaksOf: 'sender',
    slowDown: true,
    when: [
      { text: blockedSource },
      { enhanced: /\.7\.(25|511|6\d\d|7\d\d)$/ },
      { text: /temporarily deferred due to user complaints|permanently deferred/i },
    ],
    samples: [
      [
        'Postfix',
        'rcpt',
        '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
      ],
      ['Postfix', 'rcpt', '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]'],
      [
        'Exchange Online',
        'mail',
        '550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/',
      ],
      [
        'Gmail',
        'data',
        '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the very low reputation of the sending domain. To best protect our users from spam, the message has been blocked.',
      ],
      [
        'Gmail',
        'data',
        '550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup',
      ],
      [
        'Yahoo',
        'data',
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see blocklist",
      ],
      [
        'Yahoo',
        'data',
        '421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.',
      ],
      [
        'Proofpoint',
        'rcpt',
        '554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1',
      ],
    ],
  },
  {
    reason: 'malformed',
    speaksOf: 'message',
    when: [
      {
        text: /(missing|duplicate|multiple|invalid|malformed)\b.{0,60}\bheaders?\b|\bheaders?\b.{0,20}(missing|duplicate|invalid)|bare lf|RFC ?[25]?[38]22/i,
      },
      { enhanced: /\.6\.\d+$/, text: /^(?!.*spam)/i },
    ],
    samples: [
      ['Gmail', 'data', '550-5.7.1 Messages missing a valid Message-ID header are not\n550 5.7.1 accepted.'],
      [
        'Gmail',
        'data',
        '550-5.7.1 Messages with multiple addresses in From: header are not\n550 5.7.1 accepted.',
      ],
      ['GMX', 'data', "554 Transaction failed: Duplicate header 'DKIM-Signature'."],
      ['Postfix', 'data', '521 5.5.2 mx.example.com Error: bare <LF> received\n521 bare LF'],
      ['RFC 6531', 'mail', '550 5.6.7 Non-ASCII addresses not permitted for that sender/recipient'],
    ],
  },
  {
    reason: 'content',
    speaksOf: 'message',
    when: [
      {
        text: /\bspam\b|unsolicited|\bvirus|malware|phishing|\bcontent\b|(message|mail) (is|was|looks) suspicious|nature of the content/i,
        stages: ['data', 'rcpt'],
      },
    ],
    samples: [
      ['SpamAssassin', 'data', '554 5.7.1 Message rejected as spam by content filter'],
      ['Amavis', 'data', '554 5.7.0 Reject, id=20025-09 - SPAM'],
      [
        'Gmail',
        'data',
        '550 5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.',
      ],
      [
        'Gmail',
        'data',
        '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue.',
      ],
      [
        'Gmail',
        'data',
        '421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the nature of the content and/or the links within.',
      ],
      ['Exim with ClamAV', 'data', '550 Virus Detected; Content Rejected'],
    ],
  },

  // ── servers in trouble ──
  {
    reason: 'service_unavailable',
    speaksOf: 'relay',
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
    when: [{ enhanced: /^4\.3\.\d+$/ }, { enhanced: /^5\.3\.\d+$/, stages: beforeRecipient }],
    samples: [
      ['Postfix', 'mail', '452 4.3.1 Insufficient system storage'],
      ['Postfix', 'data', '451 4.3.0 Error: queue file write error'],
      ['Gmail', 'data', '451 4.3.0 Mail server temporarily rejected message.'],
      ['Sendmail', 'mail', '554 5.3.0 Other mail system problem'],
    ],
  },
  {
    reason: 'sender_refused',
    speaksOf: 'sender',
    when: [
      { stages: ['mail'] },
      { enhanced: /\.1\.[78]$/ },
      { text: /sender( address| domain)? (is )?(rejected|refused|denied|blocked)|domain of sender/i },
    ],
    samples: [
      ['Postfix', 'rcpt', '450 4.1.8 <news@shop.example>: Sender address rejected: Domain not found'],
      [
        'Sendmail',
        'rcpt',
        '553 5.1.8 <news@shop.example>... Domain of sender address news@shop.example does not exist',
      ],
      ['Cisco', 'mail', '550 #5.1.0 Address rejected.'],
      ['Spambrella', 'rcpt', '550 5.1.0 sender rejected'],
    ],
  },

  // ── the recipient's domain ──
  {
    reason: 'no_mail_accepted',
    speaksOf: 'domain',
    when: [
      {
        text: /null ?mx|domain (\S+ )?does(n't| not) (accept|receive) (e-?)?mail|\bnot accept(ing)? (e-?)?mail for this domain/i,
      },
      { code: /^(521|556)$/ },
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
      ['RFC 7504', 'rcpt', '521 Server does not accept mail'],
    ],
  },
  {
    reason: 'host_unknown',
    speaksOf: 'domain',
    when: [
      { enhanced: /\.(1\.2|4\.4)$/ },
      {
        text: /domain( name)? (not found|does not exist|is not reachable|unknown)|unknown (host|domain)|host (not found|unknown)|(bad|invalid) destination (host|system|domain)/i,
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
    when: [
      { enhanced: /\.2\.2$/ },
      {
        text: /(mailbox|inbox|mail folder)\b.{0,30}\b(is )?full\b|over ?quota\b|quota (is |has been )?(exceeded|full)|exceeded (its |the |their )?((disk|mail|mailbox|storage) )?(quota|allocation)|out of storage/i,
      },
    ],
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
      ['RFC 5321 §4.2.2', 'data', '552 Requested mail action aborted: exceeded storage allocation'],
    ],
  },
  {
    reason: 'suspended',
    speaksOf: 'address',
    when: [
      {
        text: /(account|mailbox|user|recipient)\b.{0,40}\b(disabled|suspended|inactive|deactivated|discontinued|locked|frozen)\b|\b(inactive|disabled|suspended) (e-?mail|user|account|mailbox|recipient)/i,
      },
    ],
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
      ['iCloud', 'rcpt', '550 5.1.1 <user@icloud.com>: inactive email address'],
      ['Sendmail', 'rcpt', '450 4.2.1 Mailbox temporarily disabled: user@example.com'],
    ],
  },
  {
    reason: 'moved',
    speaksOf: 'address',
    when: [
      { enhanced: /\.1\.6$/ },
      { code: /^551$/ },
      { text: /(user|mailbox|recipient|account) (has )?moved/i },
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
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    when: [
      {
        text: /\b(unknown|invalid|no such|non-?existent) (local )?(user|recipient|mailbox|address|account|login|person)|(user|recipient|mailbox|account|customer|address)\S*( \S+)? (is )?(unknown|not found|not exist|invalid|not (a )?known)|(user|recipient|mailbox|account|address)\b.{0,60}\b(does(n't| not)|no longer) exist|recipient ?not ?found|does(n't| not) have an? \S* ?account|no mailbox (here )?by that name|not a valid (user|recipient|mailbox|address)|not a registered/i,
      },
      { code: /^550$/, text: /mailbox (is )?unavailable/i },
      // Exchange Online's directory has no such recipient.
      { enhanced: /^5\.4\.1$/, text: /recipient address rejected: access denied/i },
    ],
    samples: [
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
      [
        'Yahoo',
        'data',
        "554 delivery error: dd This user doesn't have a yahoo.com account (user@yahoo.com) [0]",
      ],
      ['iCloud', 'rcpt', '550 5.1.1 <user@icloud.com>: user does not exist'],
      ['Sendmail', 'rcpt', '550 5.2.1 <user@example.com>... User Unknown'],
      ['qmail', 'rcpt', '550 sorry, no mailbox here by that name. (#5.7.17)'],
      ['Exim', 'rcpt', '550 Unknown user'],
      ['SFR', 'rcpt', '550 5.5.0 Adresse destinataire invalide. Invalid recipient. LPN007_416'],
    ],
  },

  // ── by enhanced status, RFC 3463, where the words said nothing ──
  {
    reason: 'user_unknown',
    speaksOf: 'address',
    when: [{ enhanced: /\.1\.[01]$/ }],
    samples: [
      ['RFC 3463', 'rcpt', '550 5.1.1 Bad destination mailbox address'],
      ['Facebook', 'rcpt', '550 5.1.1 RCP-P1 http://postmaster.facebook.com/response_codes?ip=192.0.2.1#rcp'],
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
    when: [{ enhanced: /\.1\.10$/ }],
    samples: [['RFC 7505', 'rcpt', '550 5.1.10 Not here']],
  },
  {
    reason: 'bad_address',
    speaksOf: 'address',
    when: [{ enhanced: /\.1\.[345]$/ }],
    samples: [['Postfix', 'rcpt', '501 5.1.3 Bad recipient address syntax']],
  },
  {
    reason: 'suspended',
    speaksOf: 'address',
    when: [{ enhanced: /\.2\.[01]$/ }],
    samples: [['RFC 3463', 'rcpt', '550 5.2.1 Not accepting messages']],
  },
  {
    reason: 'unreachable',
    speaksOf: 'domain',
    when: [
      { enhanced: /\.4\.\d+$/ },
      {
        text: /too many hops|mail loop|(connection|operation) timed out|connection refused|no route to host/i,
      },
    ],
    samples: [
      ['Gmail', 'data', '451 4.4.2 Timeout - closing connection.'],
      ['Exchange Online', 'data', '451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35.'],
      ['Postfix', 'data', '554 5.4.6 Error: too many hops'],
      [
        'Postfix before-queue proxy',
        'rcpt',
        '450 4.4.1 connect to example.com[192.0.2.25]:25: Connection timed out',
      ],
    ],
  },
  // Many greylists say only when to come back, or "later" under 4.7.1.
  {
    reason: 'greylisted',
    speaksOf: 'address',
    greylisted: true,
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
    when: [
      { enhanced: /^5\.3\.\d+$/ },
      {
        text: /local (problem|error)|server (is )?busy|temporary (server|system|lookup) (error|problem|failure)|internal (server )?error|resources (are )?temporarily unavailable/i,
      },
    ],
    samples: [
      ['Exim', 'rcpt', '451 Temporary local problem - please try later'],
      ['GMX', 'data', '451 Requested action aborted: local error in processing'],
      [
        'Exchange Online',
        'rcpt',
        '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712344)',
      ],
      ['Exchange Online', 'data', '451 4.7.0 Temporary server error. Please try again later. PRX4'],
      ['Mimecast', 'rcpt', '451 Internal resources are temporarily unavailable'],
      ['Sendmail', 'rcpt', '553 5.3.5 system config error'],
    ],
  },
  {
    reason: 'policy',
    speaksOf: 'message',
    when: [{ enhanced: /\.7\.\d+$/ }, { text: /\bpolic(y|ies)\b|security reasons|access denied/i }],
    samples: [
      ['iCloud', 'data', '550 5.7.1 [CS01] Message rejected due to local policy.'],
      [
        'Yahoo',
        'data',
        '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
      ],
      ['GMX', 'data', '554 Transaction failed: Reject due to policy restrictions.'],
      ['Exchange Online', 'rcpt', '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required'],
      ['Gmail', 'data', '550 5.7.1 This message violates example.com email policy. - gcdp'],
    ],
  },

  // We said something that the server does not understand: no fault of the recipient.
  {
    reason: 'protocol',
    speaksOf: 'message',
    when: [{ code: /^50[0-4]$/ }, { enhanced: /\.5\.[124]$/ }],
    samples: [
      ['RFC 5321 §4.3.2', 'rcpt', '503 5.5.1 Bad sequence of commands'],
      ['Sendmail', 'rcpt', '550 5.5.4 Unsupported option'],
    ],
  },

  // ── by stage ──
  {
    reason: 'mailbox_full',
    speaksOf: 'address',
    when: [{ code: /^(452|552)$/, stages: ['rcpt'] }],
    samples: [['RFC 5321 §4.2.3', 'rcpt', '552 Requested mail action aborted']],
  },
  {
    reason: 'recipient_refused',
    speaksOf: 'address',
    when: [{ stages: ['rcpt'] }],
    samples: [
      ['various', 'rcpt', '550 Rejected'],
      ['RFC 5321 §4.2.2', 'rcpt', '450 Requested mail action not taken: mailbox unavailable'],
    ],
  },
  {
    reason: 'try_later',
    speaksOf: 'message',
    when: [{ code: /^4/ }],
    samples: [['RFC 5321 §4.2.2', 'data', '451 Requested action aborted']],
  },
  {
    reason: 'message_refused',
    speaksOf: 'message',
    when: [{}],
    samples: [['RFC 5321 §4.2.2', 'data', '554 Transaction failed']],
  },
];
