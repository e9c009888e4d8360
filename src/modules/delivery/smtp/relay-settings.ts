/** Where mail leaves. */
export interface RelaySettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `opportunistic` takes STARTTLS where it is offered; `required` never sends in clear (RFC 3207). */
  readonly tls: 'implicit' | 'required' | 'opportunistic' | 'off';
  readonly verifyCertificate: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly connections: number;
  /** The name in EHLO. */
  readonly helloName: string;
}

/** The relay of SMTP_URL, or the built-in inbox. */
export const DEFAULT_RELAY = 'default';

const DEFAULT_PORTS: Record<string, number> = { 'smtp:': 587, 'smtps:': 465 };

/**
 * `smtp://user:password@host:587?tls=required`, `smtps://…` for implicit TLS; `verify=false` takes any certificate. The
 * configuration has checked it.
 */
export function readRelay(
  value: string,
  options: { connections: number; helloName: string; name?: string },
): RelaySettings {
  const url = new URL(value);
  const tls = url.searchParams.get('tls');
  return {
    name: options.name ?? DEFAULT_RELAY,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 587) : Number(url.port),
    tls: url.protocol === 'smtps:' ? 'implicit' : tls === 'required' || tls === 'off' ? tls : 'opportunistic',
    verifyCertificate: url.searchParams.get('verify') !== 'false',
    user: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
    connections: options.connections,
    helloName: options.helloName,
  };
}
