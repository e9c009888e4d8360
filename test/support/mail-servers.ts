import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './engine.js';
import { freePort } from './ports.js';

/**
 * Real mail servers on loopback. Each is both sides at once: on one port the relay that takes everything from Postrider, on the other
 * the server of `example.com` that refuses by local part: `unknown`, `full`, `policy`, and `later`, which is put off until the relay
 * gives up. What bounces goes to the inbound listener.
 */
export interface MailServer {
  /** For SMTP_URL. */
  readonly url: string;
  /** What it logged, for when a test fails. */
  log(): string;
  stop(): Promise<void>;
}

export interface BouncingTo {
  readonly domain: string;
  readonly port: number;
}

/** What the server of example.com says. */
const refusals = {
  unknown: '550 5.1.1 <unknown@example.com>: Recipient address rejected: User unknown',
  full: '552 5.2.2 <full@example.com>: Mailbox full, quota exceeded',
  policy: '550 5.7.1 Message rejected due to local policy',
  later: '450 4.2.1 The mailbox is busy, try again later',
} as const;
/** Seconds for which the relay tries. */
const LIFETIME = 8;

/** Why the server cannot run here; undefined where it can. */
export function whyNoPostfix(): string | undefined {
  if (process.getuid?.() !== 0) return 'a mail server needs root';
  return spawnSync('postconf', ['mail_version']).status === 0 ? undefined : 'postfix is not installed';
}

/** Debian's exim and postfix exclude each other, so `.ci/run` only unpacks exim, here. */
const EXIM_ROOT = process.env['EXIM_ROOT'] ?? '/opt/exim-for-tests';
const exim = (): string | undefined =>
  [join(EXIM_ROOT, 'usr/sbin/exim4'), '/usr/sbin/exim4'].find((path) => existsSync(path));

export function whyNoExim(): string | undefined {
  if (process.getuid?.() !== 0) return 'a mail server needs root';
  const binary = exim();
  if (binary === undefined) return `exim4 is neither installed nor unpacked in ${EXIM_ROOT}`;
  const { status, stderr } = spawnSync(binary, ['-C', '/dev/null', '-bV'], {
    env: process.env,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stderr.trim();
}

export async function startPostfix(bounces: BouncingTo): Promise<MailServer> {
  const [relay, receiver] = [await freePort(), await freePort()];
  const folder = mkdtempSync('/var/tmp/postrider-postfix-');
  chmodSync(folder, 0o755);
  const file = (name: string) => join(folder, name);
  for (const name of ['etc', 'queue', 'data']) mkdirSync(file(name));
  execFileSync('chown', ['postfix', file('data')]);
  const settings: Record<string, string | number> = {
    compatibility_level: 3.6,
    queue_directory: file('queue'),
    data_directory: file('data'),
    maillog_file: file('log'),
    maillog_file_prefixes: folder,
    myhostname: 'mx.postfix.test',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    smtp_tls_security_level: 'none',
    alias_maps: '',
    local_recipient_maps: '',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    transport_maps: `texthash:${file('etc/transport')}`,
    maximal_queue_lifetime: `${LIFETIME}s`,
    bounce_queue_lifetime: '1d',
    minimal_backoff_time: '2s',
    maximal_backoff_time: '2s',
    queue_run_delay: '1s',
  };
  writeFileSync(
    file('etc/main.cf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
  writeFileSync(
    file('etc/transport'),
    `${bounces.domain} smtp:[127.0.0.1]:${bounces.port}\nexample.com smtp:[127.0.0.1]:${receiver}\n`,
  );
  const refused = Object.entries(refusals).map(([local, reply]) => `${local}@example.com ${reply}\n`);
  writeFileSync(file('etc/refused'), refused.join(''));
  const restrictions = `check_recipient_access,texthash:${file('etc/refused')},permit`;
  writeFileSync(
    file('etc/master.cf'),
    [
      `127.0.0.1:${relay} inet n - n - - smtpd`,
      `127.0.0.1:${receiver} inet n - n - - smtpd -o smtpd_recipient_restrictions=${restrictions} -o content_filter=discard:`,
      'cleanup unix n - n - 0 cleanup',
      'qmgr unix n - n 1 1 qmgr',
      'rewrite unix - - n - - trivial-rewrite',
      'bounce unix - - n - 0 bounce',
      'defer unix - - n - 0 bounce',
      'trace unix - - n - 0 bounce',
      'smtp unix - - n - - smtp',
      'error unix - - n - - error',
      'retry unix - - n - - error',
      'discard unix - - n - - discard',
      'anvil unix - - n - 1 anvil',
      'scache unix - - n - 1 scache',
      'proxymap unix - - n - - proxymap',
      'tlsmgr unix - - n 1000? 1 tlsmgr',
      'postlog unix-dgram n - n - 1 postlogd',
      '',
    ].join('\n'),
  );
  const postfix = (act: string) => execFileSync('postfix', ['-c', file('etc'), act], { stdio: 'pipe' });
  postfix('start');
  await isOpen(relay);
  return {
    url: `smtp://127.0.0.1:${relay}`,
    log: () => read(file('log')),
    stop: async () => {
      postfix('stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startExim(bounces: BouncingTo): Promise<MailServer> {
  const binary = exim();
  if (binary === undefined) throw new Error(whyNoExim());
  const [relay, receiver] = [await freePort(), await freePort()];
  const folder = mkdtempSync('/var/tmp/postrider-exim-');
  chmodSync(folder, 0o755);
  const file = (name: string) => join(folder, name);
  execFileSync('chown', ['Debian-exim', folder]);
  const deny = Object.entries(refusals).map(
    ([local, reply]) =>
      `  ${reply.startsWith('4') ? 'defer' : 'deny'} local_parts = ${local}\n    message = ${reply}\n`,
  );
  writeFileSync(
    file('exim.conf'),
    `primary_hostname = mx.exim.test
exim_path = ${binary}
exim_user = Debian-exim
spool_directory = ${file('spool')}
log_file_path = ${file('log-%s')}
pid_file_path = ${file('pid')}
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${relay} : ${receiver}
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
deliver_drop_privilege = true
delay_warning =
acl_smtp_rcpt = rcpt
smtp_accept_max = 50

begin acl
rcpt:
  accept condition = \${if eq{$received_port}{${relay}}}
${deny.join('')}  accept

begin routers
taken:
  driver = redirect
  condition = \${if eq{$received_port}{${receiver}}}
  data = :blackhole:
bounces:
  driver = manualroute
  domains = ${bounces.domain}
  route_list = * 127.0.0.1 byname
  self = send
  transport = to_postrider
receiver:
  driver = manualroute
  domains = example.com
  route_list = * 127.0.0.1 byname
  self = send
  transport = to_receiver

begin transports
to_postrider:
  driver = smtp
  port = ${bounces.port}
  allow_localhost
  hosts_avoid_tls = *
to_receiver:
  driver = smtp
  port = ${receiver}
  allow_localhost
  hosts_avoid_tls = *

begin retry
${bounces.domain} * F,1d,1s
* * F,${LIFETIME}s,2s
`,
  );
  const child: ChildProcess = spawn(binary, ['-C', file('exim.conf'), '-bdf', '-q1s'], { stdio: 'pipe' });
  let output = '';
  child.stderr?.on('data', (text) => (output += String(text)));
  const log = () =>
    `${output}\n${['main', 'reject', 'panic'].map((name) => read(file(`log-${name}`))).join('\n')}`;
  child.once('exit', () => undefined);
  await isOpen(relay).catch((error: Error) => {
    throw new Error(`${error.message}\n${log()}`);
  });
  return {
    url: `smtp://127.0.0.1:${relay}`,
    log,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isOpen(port: number): Promise<void> {
  await eventually(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('close', () => socket.destroy());
        socket.setTimeout(500, () => socket.destroy());
        socket.once('connect', () => socket.end('QUIT\r\n'));
      }),
    10_000,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
