/**
 * How mail systems and people write, as data: by what a report is known, where in it the returned mail begins, and what an automatic
 * reply or a challenge says. What a reply means is elsewhere: `smtp-reply-rules.ts`.
 */

/** Lines after which (or with which) the returned mail begins. Multi-line expressions, each on the whole text of the report. */
export const returnedMail: readonly RegExp[] = [
  // Exim, Gmail, Yahoo, qmail, Sendmail, 1&1, Notes, …: a line that is drawn
  /^[ \t]*[-=*_]{2,}[^\n]{0,40}(original (message|mail)|copy of (the|your) (original )?message|returned (message|mail)|unsent message|undelivered message|header of the original|original header|message header|below this line|here is (a copy|your)|body of (the|your) message|message that was (not )?sent)/im,
  // OpenSMTPD, DragonFly, IMail, Exchange, InterScan: a sentence
  /^[ \t]*((original|your|returned|undelivered|unsent) )?message (headers? )?(follows?|text follows|attached)\b/im,
  /^[ \t]*(below is a copy of|here is a copy of|the following is a copy of|a copy of) (the|your) (original|message)/im,
  /^[ \t]*original (mail|message)( headers?)?( as follows)?:?[ \t]*$/im,
  /^[ \t]*original message headers?:/im,
  /^[ \t]*(the )?(headers|first \d+ lines|beginning) of (the|your) (original |returned )?(message|mail)/im,
  // German, French, Japanese providers
  /^[ \t]*[-=*_]*\s*(ursprüngliche nachricht|urspruengliche nachricht|message d'origine|message original|元のメッセージ|オリジナルメッセージ)/im,
  // No line at all: the header itself
  /^(Return-Path|Received|Message-ID|DKIM-Signature|MIME-Version|X-Mailer|Content-Transfer-Encoding):/im,
];

/** Local parts of mail systems (RFC 2142, RFC 5321 §6.1 and habit). */
export const daemon =
  /^(mailer-?daemon|post_?master|mail-?daemon|mmdf|uucp|mailadmin|mail(er)?|root|mdaemon|daemon|abuse|mail-?delivery(-subsystem)?|no-?reply|bounces?|system|smtp|listserv|majordomo)(\+|$)/i;

export const daemonName =
  /mail(er)? ?(delivery|deliver|daemon|system|administrator|router)|delivery (subsystem|system|service)|postmaster/i;

/** Subjects of reports. */
export const reportSubject =
  /undeliver|deliver(y|ed)?\b.{0,40}\b(fail|status|notif|problem|error|delay|report|incomplete|impossible)|(fail|unable|could ?n.t|cannot|not)\b.{0,30}\bdeliver|returned (e-?)?mail|mail (delivery )?(failure|failed|error|system error)|failure notice|nondeliver|non-?remise|non remis|unzustellbar|nicht zustellbar|zustell(ung|bericht|fehler)|mail failure|rejected( your)? (mail|message)|message (not |un)?deliver|returned to sender|could not send message|cannot send message|warning: (message|could not)|delayed mail|delivery notification|loop alert|bounced|配信|配達|届け|エラー|не доставлено|недостав|no (se )?(pudo|puede|ha podido) (ser )?entrega|non recapitat|mancata consegna|não entreg|退信/i;

/** What a text says that tells of a delivery that failed, whatever its subject. */
export const reportText =
  /(could not|couldn't|can ?not|can't|was not|wasn't|not be|unable to( be)?|failed to( be)?|impossible to)\s+(be )?(deliver|reach|send|route|process)|deliver(y|ing)?\b[^\n]{0,60}\b(fail|error|problem|delayed|unsuccessful)|undeliver|did not reach|addresses? (had|failed)|(was|were) rejected by|error message below|rejected( your)? (message|mail)|as their mailbox is full|duplicated message-id|returned (because|to (the )?sender)|(is not|isn't|not|that's not) an? (valid|known|registered) (user|recipient|address|mailbox|account)|konnte nicht zugestellt|nicht zugestellt werden|n'a pas pu (être|etre) (remis|deliv|distribu)|не может быть доставлено|配信でき|送信でき|お届けでき|宛先不明/i;

/** A report that says "later": the mail is still on its way (RFC 3464 §2.3.3, action delayed). */
export const delayedReport =
  /\bwarning( message)? only\b|has been delayed|(is|was) delayed for|delivery (status notification )?\(?delay|still being retried|will (be retried|keep trying)|will continue (to be attempted|trying)|still undelivered|temporary failure report|could not send message for past|attempts will continue|delayed \d+ (minute|hour|day)|not yet been delivered|noch nicht zugestellt|wird weiter versucht|temporaire.{0,40}(réessay|nouvelle tentative)/i;

/** Subjects of people who are away, in some languages. RFC 3834 asks for "Auto:". */
export const awaySubject =
  /^\W{0,3}(auto(matic)?([ -]?(re|reply|response|responder|matic|mated|antwort|réponse))*\s*(:|reply|response|mail)|auto-?(reply|respon\w+)|automated (reply|response|e?-?mail))|out of (the )?office|away from|\b(i am|i'm) (away|out)|on (vacation|leave|holiday|annual leave|parental leave|maternity leave)|^\W*vacation\b|^away\b|\baway until\b|absen(t|ce|z|cia)|abwesen|ausser haus|außer haus|automatische (antwort|nachricht)|réponse automatique|en (congés?|vacances)|risposta automatica|fuori ufficio|respuesta automática|fuera de (la )?oficina|resposta automática|ausência|automatisch antwoord|afwezig|autosvar|frånvar|fraværende|fravær|automaattinen vastaus|poissaolo|automatyczna odpowied|nieobecno|автоответ|автоматический ответ|自動(応答|返信|回答)|不在|休暇|自动(回复|答复)|자동 ?(회신|응답)|otomatik yanıt/i;

/** A person's system that asks the sender to prove to be human. */
export const challenge =
  /(please |to )?confirm (that you sent|your (message|e-?mail|mail|delivery|request)|you are (a )?(human|real|not))|(verify|prove)\b.{0,40}\b(you are (a )?(human|person|real)|human|sender)|challenge[ /-]response|sender (verification|authentication|confirmation)|spam ?arrest|boxbe|choicemail|\bTMDA\b|qconfirm|mailblocks|antispam uol|knowspam|digiportal|your (message|mail|e-?mail) (is|has been) (being )?held (until|for|pending)|(click|follow|visit)\b.{0,80}\b(link|url|below|page)\b.{0,80}\b(added to|verif|deliver|approv|authenticat|confirm|releas)|(guest|allowed|approved|white|safe|permitted)[- ]?(sender )?list\b.{0,60}\b(deliver|add|click)|awaiting (your )?(confirmation|verification)|added to (my|the|his|her) (guest|allow|white) ?list|whitelist (yourself|request)/i;
