import { WARNING_NAMES } from '../../core/block.js';
import { OUTCOMES } from '../../core/outcome.js';
import { REJECT_REASONS } from '../../core/rejection.js';
import { END_REASONS } from '../../core/run.js';

const COUNT = { type: 'integer', minimum: 0 } as const;
const TEXT = { type: 'string' } as const;
const TEXT_OR_NULL = { type: ['string', 'null'] } as const;
const TIME = { type: 'string', format: 'date-time' } as const;

/** All of these members, and no other. @param optional those that may be missing */
function exactly(
  properties: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
): object {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function eachOf(names: readonly string[], schema: object): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

/** Some of these members, and no other. */
function someOf(names: readonly string[]): object {
  return { type: 'object', properties: eachOf(names, COUNT), additionalProperties: false };
}

const COUNTS = eachOf(['read', ...OUTCOMES], COUNT);

const COUNT_OR_NULL = { type: ['integer', 'null'], minimum: 0 } as const;
const TIME_OR_NULL = { type: ['string', 'null'], format: 'date-time' } as const;

/** Only in the summary of a dry run. */
const PLAN = exactly({
  ...eachOf(['events', 'alreadyDelivered', 'requests', 'leastTimeMs'], COUNT),
  ...eachOf(['requestsPerMinute', 'eventsPerDay', 'daysOfQuota'], COUNT_OR_NULL),
  ...eachOf(['firstDate', 'lastDate'], TIME_OR_NULL),
});

/** The JSON Schema (2020-12) of what `--json` prints and `--summary-file` keeps. */
export const SUMMARY_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The summary of a run of consent-import',
  ...exactly(
    {
      version: { const: 1 },
      run: TEXT,
      command: { enum: ['import', 'validate'] },
      toolVersion: TEXT,
      exitCode: COUNT,
      reason: { enum: END_REASONS },
      complete: { type: 'boolean' },
      destination: exactly({ target: TEXT_OR_NULL, apiUrl: TEXT_OR_NULL, organization: TEXT_OR_NULL }),
      settings: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
      user: TEXT,
      host: TEXT,
      events: exactly(COUNTS),
      duplicates: exactly(eachOf(['ledger', 'input', 'target'], COUNT)),
      rejectedByReason: someOf(REJECT_REASONS),
      warnings: someOf(WARNING_NAMES),
      requests: exactly(eachOf(['sent', 'succeeded', 'retried', 'rateLimited', 'split'], COUNT)),
      bytes: exactly(eachOf(['read', 'decoded', 'sent'], COUNT)),
      files: {
        type: 'array',
        items: exactly({
          path: TEXT,
          state: { enum: ['complete', 'partial', 'unreadable', 'unread', 'skipped'] },
          sha256: TEXT_OR_NULL,
          bytes: { type: ['integer', 'null'], minimum: 0 },
          bytesRead: COUNT,
          ...COUNTS,
        }),
      },
      rejectsFile: TEXT_OR_NULL,
      ledger: TEXT_OR_NULL,
      startedAt: TIME,
      finishedAt: TIME,
      durationMs: { type: 'number', minimum: 0 },
    },
    { plan: PLAN, quota: exactly({ day: TEXT, used: COUNT, limit: COUNT, left: COUNT }) },
  ),
} as const;
