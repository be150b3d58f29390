import type { Stop } from './run.js';

/** The one place that words why a run stopped: what happened, and what to do. */

export function deliveryLimit(delivered: number): Stop {
  return {
    reason: 'limit',
    message: `stopped at --limit: ${number(delivered)} events were delivered; run the same command again to go on`,
  };
}

export function durationLimit(ms: number): Stop {
  return {
    reason: 'limit',
    message: `stopped at --max-duration ${duration(ms)}; run the same command again to go on`,
  };
}

export function tooManyRejects(what: string): Stop {
  return {
    reason: 'too_many_rejects',
    message: `stopped: ${what}; look at the rejects file, fix the input, and run the same command again`,
  };
}

export function sessionRefused(status: number): Stop {
  return {
    reason: 'auth',
    message: `the target refused the credentials (status ${status} when asked for a session): check DIDOMI_API_KEY and DIDOMI_API_SECRET, or the file of --credentials-file`,
  };
}

export function tokenRefused(): Stop {
  return {
    reason: 'auth',
    message:
      'the target refused a session token that it had just handed out (status 401): check that the key may use the Consents API of this organization',
  };
}

export function forbidden(status: number): Stop {
  return {
    reason: 'auth',
    message: `the target forbids this (status ${status}): check --organization-id, and that the key has rights to it`,
  };
}

export function noSuchApi(status: number, where: string): Stop {
  return {
    reason: 'unavailable',
    message: `${where} answered with status ${status}, as no such API does: check --api-url`,
  };
}

export function unintelligible(tries: number): Stop {
  return {
    reason: 'unavailable',
    message: `the target answered ${tries} times with a success that is no answer of such an API (a proxy or a login page, perhaps): check --api-url and the network`,
  };
}

export function gaveUp(afterMs: number, lastTrouble: string | undefined): Stop {
  const last = lastTrouble === undefined ? '' : ` (last: ${lastTrouble})`;
  return {
    reason: 'unavailable',
    message: `gave up: the target has taken nothing for ${duration(afterMs)}${last}; check --api-url and the network, and run the same command again`,
  };
}

export function waitTooLong(waitMs: number, mostMs: number): Stop {
  return {
    reason: 'unavailable',
    message: `the target asked for a wait of ${duration(waitMs)}, and --max-wait allows ${duration(mostMs)}; run the same command again after that`,
  };
}

export function storageFailed(message: string): Stop {
  return { reason: 'storage', message };
}

export function interrupted(signal: 'SIGINT' | 'SIGTERM'): Stop {
  return {
    reason: 'interrupted',
    signal,
    message: `interrupted by ${signal}; run the same command again to go on`,
  };
}

export function bug(error: unknown): Stop {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { reason: 'bug', message: `an unexpected error, which is a bug: please report it\n${what}` };
}

/** `1h 5m`, `10m`, `30s`, `250ms`: the two largest units. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([n]) => n > 0)
    .slice(0, 2)
    .map(([n, unit]) => `${n}${unit}`)
    .join(' ');
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
