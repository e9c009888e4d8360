import { isIP } from 'node:net';
import { isPublicIp } from '../../../domain/index.js';
import { RFC5321_TIMEOUTS, signIn, type Relay, type RelaySettings } from '../../delivery/index.js';
import { findingsOf, type Finding } from '../finding.js';
import type { Check, Surroundings } from '../surroundings.js';
import { settingsOf } from './relay-addresses.js';
import { lookAtTls, type TlsSession } from './smtp-look.js';

const PATIENCE_MS = 6_000;
const DAY_MS = 86_400_000;
/** Authorities that give ninety days renew at thirty. */
const FEW_DAYS = 14;

/** TLS of each relay (RFC 3207, RFC 8314), and whether it lets us in. No mail is sent. */
export const relayCheck: Check = async (at) => {
  if (at.relays.length === 0)
    return [
      findingsOf('relay', null).warning(
        'There is no relay: all mail stays in the built-in inbox',
        'Set SMTP_URL when mail is to leave, such as smtp://user:password@host:587?tls=required.',
      ),
    ];
  const findings = await Promise.all(at.relays.flatMap((relay) => [tlsOf(at, relay), authOf(at, relay)]));
  return findings.flat();
};

async function tlsOf({ config }: Surroundings, relay: Relay): Promise<Finding[]> {
  const find = findingsOf('relay-tls', relay.name);
  const settings = settingsOf(relay, config);
  try {
    const session = await lookAtTls(settings, PATIENCE_MS);
    if (session) return ofSession(relay, settings, session);
    const todo = 'Use the right port (587, or smtps:// on 465), and tls=required.';
    if (settings.tls === 'required')
      return [find.failure('It does not offer STARTTLS, and the URL requires it: no mail leaves', todo)];
    return [
      isLocal(settings.host)
        ? find.ok(`It offers no TLS, and mail to ${settings.host} stays in networks of your own`)
        : find.failure('It does not offer STARTTLS: mail and password cross the network in clear', todo),
    ];
  } catch (error) {
    return [
      find.failure(
        `No connection to ${settings.host}:${settings.port}: ${(error as Error).message}`,
        'Check host and port, and whether your hoster lets mail out on this port.',
      ),
    ];
  }
}

function ofSession(relay: Relay, settings: RelaySettings, session: TlsSession): Finding[] {
  const find = findingsOf('relay-tls', relay.name);
  const { protocol, distrust, otherName, validTo } = session;
  const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS);
  const problem =
    days < 0
      ? `The certificate ended on ${validTo.toISOString().slice(0, 10)}`
      : distrust !== null
        ? `The certificate is not trusted (${distrust})`
        : otherName;
  const findings: Finding[] = [];
  if (problem !== null) {
    findings.push(
      settings.verifyCertificate && settings.tls !== 'off'
        ? find.failure(
            `${problem}: no mail leaves`,
            'Use the name that is in the certificate, or have it renewed; an authority of your own goes into NODE_EXTRA_CA_CERTS.',
          )
        : find.warning(
            `${problem}; the URL says to take it`,
            'Leave verify=false to relays in networks of your own.',
          ),
    );
  } else if (days < FEW_DAYS) {
    findings.push(
      find.warning(`The certificate ends in ${days} days`, "Have it renewed, or ask the relay's operator."),
    );
  } else {
    findings.push(find.ok(`${protocol}, a certificate for ${settings.host}, ${days} days left`));
  }
  if (protocol !== 'TLSv1.2' && protocol !== 'TLSv1.3')
    findings.push(find.warning(`It speaks only ${protocol} (RFC 8996)`, 'Ask for TLS 1.2 or later.'));
  if (settings.tls === 'off' && !isLocal(settings.host))
    findings.push(
      find.failure(
        'TLS is offered, but the URL says tls=off: mail and password cross the network in clear',
        'Write tls=required.',
      ),
    );
  if (settings.tls === 'opportunistic' && !isLocal(settings.host))
    findings.push(
      find.warning(
        'The URL does not require TLS: whoever sits between can take it away',
        'Add ?tls=required to the URL of the relay.',
      ),
    );
  return findings;
}

async function authOf({ config }: Surroundings, relay: Relay): Promise<Finding[]> {
  const find = findingsOf('relay-auth', relay.name);
  const settings = settingsOf(relay, config);
  const quick = { ...RFC5321_TIMEOUTS, connect: PATIENCE_MS, greeting: PATIENCE_MS, signIn: PATIENCE_MS };
  const entered = await signIn(settings, quick);
  if (entered.kind === 'signedIn') {
    entered.socket.on('error', () => undefined);
    entered.socket.end('QUIT\r\n').unref();
    return [
      find.ok(
        settings.user === null
          ? 'It lets us in without a password'
          : `It accepts the user "${settings.user}"`,
      ),
    ];
  }
  if (entered.kind === 'refused') {
    const said = `${entered.reply.code} ${entered.reply.text}`;
    return [
      entered.stage === 'auth'
        ? find.failure(
            `It refuses user or password: ${said}`,
            'Correct them in the URL; special characters must be percent-encoded.',
          )
        : find.failure(
            `It refuses the connection: ${said}`,
            "Ask the relay's operator whether this machine may use it.",
          ),
    ];
  }
  const problem = 'problem' in entered ? entered.problem : 'no answer';
  return [
    find.failure(
      `Signing in did not work: ${problem}`,
      'See the finding about TLS; check host, port and certificate.',
    ),
  ];
}

/** Whether mail to it stays in networks of one's own. */
function isLocal(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && !isPublicIp(host));
}
