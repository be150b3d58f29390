import type { FaultAction } from './faults.js';

/** The fault script, for `sandbox --help`. */
export const FAULT_HELP = `Fault scripts
  --faults takes a ready script by name, or a JSON file:

    { "seed": 7,
      "answers": { "status": 201, "shape": "data" },
      "rules": [
        { "when": { "route": "events", "every": 20 }, "do": { "status": 429, "retryAfter": 2 } },
        { "when": { "probability": 0.02 },            "do": { "dropAfter": true } },
        { "when": { "events": { "everyNth": 500 } },  "do": { "refuse": { "names": "index" } } } ] }

  The same seed and the same requests play the same faults. GET /_sandbox/log lists what was played.

  when: all that are given must hold
    route         "sessions", "events" or "other"
    requests      3, or [1, 2, [10, 20]]: numbers from 1, counted on that route
    every         every k-th request
    probability   0 to 1
    between       [from, to] in ms since the first request
    events        the request holds such an event: {"everyNth": k}, {"ids": [...]}, {"share": 0.01}
    times         at most so many times

  do: one of
    status        answer with this status, process nothing; beside it: retryAfter (seconds), retryAfterAs "date",
                  rateLimit {limit, remaining, resetSeconds}, location, body "error", "html", "slowDown" or "empty"
    dropBefore    true: reset the connection, process nothing
    dropAfter     true: accept the events, then reset the connection
    stall         ms, or {ms, process: "before" or "after" the wait}
    hang          true: never answer; {"process": true}: but accept the events
    truncate      "length" (less than Content-Length) or "json" (cut JSON); the events are accepted
    html          true: a captive portal's 200 page
    refuse        the events of when.events: {status: 400, names: "index", "id", "path", "message" or "nothing",
                  keeps: "nothing", "before", "others" or "items"} (items: a success that holds an error per bad event)
    drop          true: acknowledge the events of when.events, and do not keep them
    alter         {path: "/created_at", to: value}: acknowledge the events of when.events, and keep them with another value
                  there (without "to": with nothing there), for whoever reads them back
    expireToken   true: every token so far ends now
    refuseSessions true: as with a wrong key
    limit         {requests, windowMs, kind: "sliding" or "fixed", told: "headers", "retryAfter" or "no"}
    latency       ms, or {ms, jitterMs, driftMsPerSecond, maxMs, steps: [{atMs, ms}], crowd: {above, msEach}}
    outage        "reset" (connections break) or "refuse" (the port is closed); needs when.between
    closeIdle     ms: close an idle connection after so long, without a word

  answers: what the API's documents leave open
    status 200 or 201; shape "array", "data", "single" or "empty"; order "same" or "reversed";
    duplicates {status: 200, 400 or 409, where: "alone" or "batch"}; refusals: as refuse above;
    tokenLifeMs; tokenTellsExpiry true or false
`;

/** What an action does, in a few words, for the log. */
export function describeAction(action: FaultAction): string {
  switch (action.kind) {
    case 'status':
      return `answered ${action.status}${action.retryAfter === undefined ? '' : `, retry after ${action.retryAfter.seconds} s`}`;
    case 'dropBefore':
      return 'reset the connection before processing';
    case 'dropAfter':
      return 'processed, then reset the connection';
    case 'stall':
      return `stalled ${action.ms} ms, processed ${action.process} the wait`;
    case 'hang':
      return action.process ? 'processed, never answered' : 'never answered';
    case 'truncate':
      return action.what === 'length' ? 'cut the answer short of its length' : "cut the answer's JSON";
    case 'html':
      return 'answered 200 with HTML';
    case 'refuse':
      return 'refused events';
    case 'drop':
      return 'acknowledged events, and did not keep them';
    case 'alter':
      return 'kept events altered';
    case 'expireToken':
      return 'ended all tokens';
    case 'refuseSessions':
      return 'refused the session';
    case 'limit':
      return 'answered 429 over the limit';
    case 'latency':
      return 'slowed down';
    case 'outage':
      return 'reset the connection in an outage';
    case 'closeIdle':
      return 'closed the idle connection';
  }
}
