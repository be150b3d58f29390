import type { Stop } from './run.js';
import type { TargetName } from './target.js';
import { formatTime } from './units.js';

/** The one place that words why a run stopped: what happened, and what to do. */

export function deliveryLimit(delivered: number): Stop {
  return {
    reason: 'limit',
    message: `stopped at --limit: ${counted(delivered, 'event was', 'events were')} delivered; run the same command again to go on`,
  };
}

export function durationLimit(ms: number): Stop {
  return {
    reason: 'limit',
    message: `stopped at --max-duration ${formatTime(ms)}; run the same command again to go on`,
  };
}

/** @param nextDayAt epoch ms */
export function dayLimit(limit: number, nextDayAt: number): Stop {
  const from = new Date(nextDayAt).toISOString().replace(/\.\d+/, '');
  return {
    reason: 'limit',
    message: `stopped at the limit of ${counted(limit, 'event', 'events')} per UTC day (--max-events-per-day); run the same command again from ${from} on`,
  };
}

export function tooManyRejects(what: string): Stop {
  return {
    reason: 'too_many_rejects',
    message: `stopped: ${what}; look at the rejects file, fix the input, and run the same command again`,
  };
}

export function rejectedFirst(rejected: number): Stop {
  return {
    reason: 'too_many_rejects',
    message: `nothing was sent: ${counted(rejected, 'record was', 'records were')} rejected, and --validate-first allows none; look at the rejects file, fix the input, and run the same command again`,
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

export function forbidden(status: number, target: TargetName): Stop {
  if (target === 'onetrust') {
    return {
      reason: 'auth',
      message: `the target refused the collection point token (status ${status}): check ONETRUST_COLLECTION_POINT_TOKEN, or the file of --credentials-file, and with authenticated consent that of --authorization-file`,
    };
  }
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
    message: `the target answered ${tries} times with what is no answer of such an API (a proxy or a login page, perhaps): check --api-url and the network`,
  };
}

export function gaveUp(afterMs: number, lastTrouble: string | undefined): Stop {
  const last = lastTrouble === undefined ? '' : ` (last: ${lastTrouble})`;
  return {
    reason: 'unavailable',
    message: `gave up: the target has taken nothing for ${formatTime(afterMs)}${last}; check --api-url and the network, and run the same command again`,
  };
}

/** @param trouble what stands in the way, and what to do */
export function cantConnect(trouble: string): Stop {
  return { reason: 'unavailable', message: `can't connect: ${trouble}; then run the same command again` };
}

export function waitTooLong(waitMs: number, mostMs: number): Stop {
  return {
    reason: 'unavailable',
    message: `the target asked for a wait of ${formatTime(Math.ceil(waitMs / 1_000) * 1_000)}, and --max-wait allows ${formatTime(mostMs)}; run the same command again after that`,
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

/** Nobody wanted to go on when asked about them. */
export function knownToTarget(known: number, answered: number): Stop {
  return {
    reason: 'interrupted',
    message: `stopped, as you answered: the target had ${known.toLocaleString('en-US')} of ${counted(answered, 'event', 'events')} before this ledger ever sent them; find out what sent them (another ledger, or another program), and run the same command again to go on`,
  };
}

export function bug(error: unknown): Stop {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { reason: 'bug', message: `an unexpected error, which is a bug: please report it\n${what}` };
}

function counted(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}
