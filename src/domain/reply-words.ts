/**
 * Words of the trade, put together: `smtp-reply-rules.ts` says what they mean. Servers say the same thing with other words, in another
 * order and in other languages; a rule of somebody × what is said of it fits also the reply that nobody here has seen. All is read
 * case-insensitively, without accents, `_` as a space, `mail box` as `mailbox` and `e-mail` as `email` (see `wordsOf`).
 */
const any = (...words: readonly string[]): string => `(?:${words.join('|')})`;

/** Case-insensitive; any of these. No two unbounded repetitions of one letter may meet: everything here is read in linear time. */
export const saying = (...phrases: readonly string[]): RegExp => new RegExp(phrases.join('|'), 'i');

/** Whom a reply at RCPT can be about. */
export const somebody = String.raw`\b(?:users?|recip(?:ient)?s?|rcpt(?! to)|mailbox(?:es)?|mail ?drop|accounts?|add?ress(?:es|ees?)?|alias(?:es)?|logins?|userid|user ?names?|local[- ]?part|customers?|subscribers?|inbox|email (?:id|name))\b`;

/** Said of somebody, and of nobody else. */
const party = String.raw`\b(?:users?|recip(?:ient)?s?|rcpt(?! to)|mailbox(?:es)?|accounts?|add?ress(?:es|ees?)?|alias(?:es)?|logins?|userid|user ?names?|local[- ]?part|customers?|subscribers?|person|party)\b`;

/** A few words between; never past a colon or the end of a sentence, behind which somebody else is meant. */
const near = (most: number): string => String.raw`(?:[^.:;!?]|\.(?=\S)){0,${most}}?`;

/** The sender, a host and a domain have rules of their own. */
const notSender = String.raw`(?<!\b(?:senders?|sending|source|from|return|reply|client|host|server|ip|dns|domain|reverse|helo|url|link|mac)(?:'s)? )`;

const isUnknown = any(
  String.raw`unknown`,
  String.raw`un(?:recogni[sz]ed|deliverable|routeable|registered|assigned|allocated)`,
  String.raw`invalid(?! format)`,
  String.raw`(?:non-?|in)exist[ae]nt`,
  String.raw`not[- ]?(?:be )?(?:found|exist\w*|known|recogni[sz]ed|listed|registered|located|defined|assigned|local|here)`,
  String.raw`(?:not|isn't|isnt|aren't) (?:a |an |the )?(?:valid|known|registered|recogni[sz]ed|existing|found|listed|local|legal)`,
  String.raw`(?:does|do|did|dos)(?:n't|nt| not) (?:exist|live here|have (?:a |an )?(?:\S+ )?(?:account|mailbox))`,
  String.raw`(?:could|can)(?:n't| ?not) (?:be )?(?:found|located|verified|resolved|identified)(?!, or is unable)`,
  String.raw`not configured to receive`,
  String.raw`no longer (?:exist\w*|valid|available|in use|here|works here|with us|registered|employed)`,
  String.raw`(?:has been|was|is|been) (?:deleted|removed|cancell?ed|terminated)`,
);

const none = any(
  String.raw`unknown`,
  String.raw`no such`,
  String.raw`non-?exist[ae]nt`,
  String.raw`(?:not|isn't|isnt) (?:a |an |any |our |the )?(?:valid|known|local|existing|registered|legal|recogni[sz]ed|legitimate|active|deliverable)`,
  String.raw`invalid`,
  String.raw`illegal`,
  String.raw`undefined`,
  String.raw`un(?:recogni[sz]ed|resolvable|registered|deliverable|routeable)`,
  String.raw`incorrect`,
  String.raw`wrong`,
  String.raw`bad`,
  String.raw`no valid`,
);

/** There is nobody of that name. */
export const nobody = saying(
  // user unknown, the address <…> does not exist, recipient not found in the directory, mailbox "x" is invalid
  `${notSender}${party}${near(60)}\\b${isUnknown}\\b`,
  // unknown user, no such mailbox, not a valid recipient, invalid or misspelled address
  String.raw`\b${none}[ -](?:\S{1,20} ){0,2}?(?:or \S{1,20} )?${notSender}${party}(?! (?:address )?(?:syntax|format|header|size|limit|space|server|rejected by|has|record|information|verification))`,
  String.raw`\bno (?:mailbox|account|user|address|recipient)\b|\b(?:no such|unknown|invalid|bad|undefined) (?:id|name|email|person|people|party)\b(?! (?:header|format))|\bname is not recogni[sz]ed`,
  String.raw`\bno (?:one|body|account|mailbox|user|person|recipient|such (?:a )?person)\b.{0,20}\b(?:by|with|called|named|here|of)\b.{0,20}\bname\b|\bnobody\b.{0,20}\bname\b`,
  String.raw`doesn't have an? \S* ?account|not our customer|not one of our|not present in\b.{0,40}\bdirectory|not in (?:my |the |our )?(?:validrcptto|goodrcptto|directory|address book|(?:user|recipient) list|database)`,
  String.raw`no (?:record|trace) (?:of|for) (?:the |this |that )?(?:user|recipient|address|mailbox)|unknown to (?:this|the|our)|message to unknown|did not match any|does(?:n't| not) match an(?:y)? (?:existing )?(?:user|mailbox|account)`,
  String.raw`has been deleted or has no email address|delivery to (?:this|the) address.{0,20}not possible|(?:unable|failed) to (?:find|locate|look ?up) (?:the |this )?(?:user|recipient|mailbox|account)|bad ?rcpt ?to|address look ?up failed`,
  String.raw`not a deliverable|no recipients? (?:specified|found)|(?:not|no longer) (?:at|with|part of) (?:this|our) (?:company|organi[sz]ation|domain|address)|left the company`,
  // German, Dutch, Swedish, Danish
  String.raw`(?:empf(?:ae?|.)nger|adresse|adressat|benutzer|konto|postfach|teilnehmer|nutzer)\b.{0,40}(?:unbekannt|existiert (?:hier )?nicht|nicht (?:gefunden|vorhanden|bekannt|existent|ermittelt)|gibt es nicht|ungultig|ungueltig)|unbekannter? (?:empf|benutzer|nutzer|adress)|(?:gebruiker|ontvanger|adres)\b.{0,30}(?:onbekend|bestaat niet|niet gevonden|niet bekend)|(?:anvandare|mottagare|bruger|modtager|bruker)\w*.{0,30}(?:okand|finns inte|findes ikke|finnes ikke|ukjent|ukendt)`,
  // French, Italian
  String.raw`(?:destinataire|utilisateur|adresse|compte|boite)\b.{0,40}(?:inconnue?|invalide|inexistante?|n'existe|introuvable|non valide|non trouvee?)|(?:utente|indirizzo|destinatario|casella|mailbox)\b.{0,30}(?:sconosciut|inesistente|non esist|non trovat|non valid|non e valid)`,
  // Spanish, Portuguese
  String.raw`(?:usu.?rio|destinatario|cuenta|direccion|buzon|casilla|casillero)\b.{0,40}(?:desconocid|no existe|inexistente|inv.?lid|no valid|no encontrad)|(?:usu.?rio|destinat.?rio|caixa|conta|endereco|email)\b.{0,40}(?:desconhecid|inexistente|n.?o existe|n.?o encontrad|inv.?lid)`,
  // Polish, Czech, Russian, Ukrainian, Turkish
  String.raw`(?:odbiorca|uzytkownik|adres|konto|skrzynka)\b.{0,40}(?:nie istnieje|nieznan|nie znalez|nieprawidlow)|(?:uzivatel|prijemce|adresat|schranka)\b.{0,30}(?:neexistuje|neznam|nenalezen)|(?:пользовател|адресат|получател|ящик|адрес|користувач|одержувач)\S*.{0,40}(?:не (?:найден|существует|зарегистрирован|знайден|існує)|неизвест|невідом|отсутств)|нет такого (?:пользовател|ящик|адрес)|(?:kullanici|alici|adres)\S*.{0,30}(?:bulunamad|bilinmiyor|mevcut degil|gecersiz)`,
  // Japanese, Chinese, Korean
  String.raw`(?:ユーザ|宛先|あて先|アドレス|受信者|メールボックス|アカウント).{0,60}(?:存在し(?:ない|ませ)|見つかり|見付かり|見つけ|ありませ|不明|無効|間違|登録されて(?:い)?(?:ない|ませ))|(?:收件人|用户|邮箱|帐号|账号|地址|收件者|使用者|信箱|帳號).{0,12}(?:不存在|无效|無效|未找到|找不到|不正确|未开通|错误)|(?:사용자|수신자|계정|주소).{0,20}(?:없|찾을 수|존재하지)`,
);

/** Somebody who is there, but switched off. */
export const switchedOff = saying(
  `${notSender}${somebody}${near(45)}\\b${any(
    'disabled',
    'suspended',
    'in-?active',
    'deactivated',
    'discontinued',
    'locked(?: out)?',
    'frozen',
    'archived',
    '(?:is |been |has )?expired',
    '(?:not|no longer|isn.t) (?:an? )?(?:active|activated|enabled)\\b',
    'temporarily limited',
    'on hold',
    'dormant',
    'closed',
    'deprovisioned',
  )}\\b`,
  String.raw`\b(?:inactive|in-active|disabled|suspended|locked|frozen|archived|expired|deactivated|dormant|closed) (?:email|user|account|mailbox|recipient|alias|address)`,
  String.raw`\brejected: ?(?:inactive|disabled|suspended|expired)\b|recipient suspend|extended inactivity|(?:user|account|recipient|mailbox) (?:is |has been )?(?:disabled|blocked|deactivated)\b(?! by (?:the )?(?:user|recipient))|no longer accepts (?:e-?)?mail|(?:account|mailbox|user) is not accepting|cannot receive new mail|user hangup|temporarily (?:disabled|suspended) (?:account|mailbox)`,
  String.raw`(?:konto|postfach|empf.nger|benutzer|adresse)\b.{0,40}(?:gesperrt|deaktiviert|abgeschaltet|stillgelegt|inaktiv)|(?:bo.te|compte|adresse|utilisateur)\b.{0,40}(?:archivee|desactive|suspendu|bloque|inacti|resilie|ferme)|(?:casella|account|utente)\b.{0,30}(?:disabilitat|sospes|bloccat|disattivat|scadut|inattiv)`,
  String.raw`(?:cuenta|casilla|buzon|usuario)\b.{0,40}(?:expirad|desactivad|deshabilitad|suspendid|bloquead|inactiv|cancelad)|(?:conta|caixa|usu.?rio)\b.{0,40}(?:desativad|suspens|bloquead|inativ|cancelad|expirad)|(?:konto|skrzynka)\b.{0,30}(?:zablokowan|nieaktywn|zawieszon|wylaczon)`,
  String.raw`(?:ящик|пользовател|учетн|аккаунт)\S*.{0,40}(?:отключ|заблокир|неактив|приостанов)|(?:ユーザ|アカウント|メールボックス|アドレス).{0,30}(?:停止|休止|凍結|無効化|ロック)|(?:用户|邮箱|帐号|账号|信箱).{0,10}(?:停用|冻结|禁用|锁定|暂停|注销|已过期|被封)`,
);

/** No room for one more. */
export const full = saying(
  `(?:${somebody}|mail folder|mail ?dir(?:ectory)?|message store)[^:]{0,30}\\bfull\\b`,
  String.raw`\bfull (?:mailbox|inbox)|\bmailbox-full\b`,
  String.raw`\b(?:over|overdrawn|exceed\w*|exeeded|out of|reached|above|beyond|past)\b.{0,25}\b(?:dis[ck] ?(?:space )?|mail |mailbox |storage |email |its |space )?(?:quota|allocation|allowed storage|storage limit|storage space|disk space|space limit|storage allocation|mailbox (?:size|limit)|allowed (?:size|space))`,
  String.raw`(?:over|disk|disc|mail(?:box|dir)?|storage|user|account|recipient|extended|hard|soft) ?quota\b(?! of\b)|quota\b(?! of\b).{0,20}\b(?:exceed|exeed|full|reach|violat|over|used)|over ?quota|out of (?:storage|space|room|disk)`,
  String.raw`(?:not|n't) (?:have )?enough (?:disk |storage |free |mailbox )?(?:space|room)|insufficient (?:disk|storage|mailbox|user) ?(?:space|storage|quota)|no (?:more |free )?(?:space|room) (?:left |available )?(?:in|for) (?:the |this |user|recipient|mailbox)`,
  String.raw`mailbox\b.{0,30}\bmax(?:imum)? (?:size|limit|capacity)|mailbox (?:size |storage |space )?limit|(?:space|storage|disk|blocks?|inode|mailbox|(?:account|user|address|inbox) size) limit (?:ex|reach|has)|too (?:many|much) (?:messages|mails?|emails?) (?:in|on) (?:the |this |his |her |their |your |my )?(?:server|mailbox|inbox|account|folder)|too much mail data|mailbox(?: size| limit| has| have| is| was| would)* (?:exceed|too large|over (?:its|the))`,
  String.raw`larger than the current system limit or the recipient's mailbox is full|error writing message: (?:file too large|dis[ck] quota)|zu ?viele mails|exhausted (?:the |its |his |all )?(?:allowed )?(?:storage|quota|space)|speicher\w*\b.{0,30}(?:uberschritten|ueberschritten|erschopft|voll)|(?:postfach|mailbox|konto|speicher)\b.{0,30}(?:voll|erschopft|uberschritten|ueberschritten)|bo.te.{0,40}(?:pleine|saturee)|(?:espacio|cuota|buzon|casilla)\b.{0,40}(?:agotad|excedid|llen[ao]|superad)|(?:cota|caixa|espaco)\b.{0,40}(?:excedid|cheia|esgotad)|casella.{0,20}piena|(?:skrzynka|mailbox)\b.{0,20}(?:pelna|przepelnion)|przekroczon\S* (?:limit|rozmiar|quota)`,
  String.raw`переполнен|ディスク.{0,6}(?:不足|超)|容量.{0,8}(?:超|不足|オーバー)|いっぱい|一杯|(?:信箱|邮箱|空间|邮件箱|容量).{0,6}(?:已?满|滿|不足|超)`,
);

const spam = String.raw`\bspam(?! ?haus| ?cop)`;

/** A filter calls the mail spam, and not the host that sends it. */
export const calledSpam = new RegExp(
  String.raw`^(?!.*\bvirus|.*\b(?:ip|host|client|server|network|reputation|blocked using \S*\.)\b.{0,60}${spam}|.*${spam}\b.{0,30}\b(?:ip|host|server|sources?|senders?|list)\b)` +
    String.raw`.*(?:\b(?:message|mail|email|content|this|it|you)\b.{0,40}\b(?:is|as|was|be|contains?|looks?(?: like)?|appears?|seems?|scored|considered|identified|classified|detected|recogni[sz]ed|flagged|marked|rejected)\b.{0,40}${spam}|\banti-?spam checks|${spam} (?:score|points|checks?|filter|pattern|contents?|threshold|detected|found|message|mail|email)\b)`,
  'i',
);
