import { describe, expect, it } from 'vitest';
import { readToldLimits } from '../../src/targets/told-limits.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const read = (headers: Record<string, string>) => readToldLimits(headers, NOW);

describe('readToldLimits', () => {
  it('tells nothing when the headers do not', () => {
    expect(read({})).toBeUndefined();
    expect(read({ 'content-type': 'application/json', date: 'Sun, 01 Mar 2026 12:00:00 GMT' })).toBeUndefined();
  });

  it('reads Retry-After in seconds', () => {
    expect(read({ 'retry-after': '7' })).toEqual({ retryAfterMs: 7000 });
    expect(read({ 'retry-after': ' 0 ' })).toEqual({ retryAfterMs: 0 });
    expect(read({ 'retry-after': '1.5' })).toEqual({ retryAfterMs: 1500 });
    expect(read({ 'retry-after': '5, 120' })).toEqual({ retryAfterMs: 120_000 });
  });

  it('reads Retry-After as a date in each of the three forms of HTTP', () => {
    for (const date of [
      'Sun, 01 Mar 2026 12:02:00 GMT',
      'Sunday, 01-Mar-26 12:02:00 GMT',
      'Sun Mar  1 12:02:00 2026',
    ]) {
      expect(read({ 'retry-after': date }), date).toEqual({ retryAfterMs: 120_000 });
    }
    expect(read({ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' })).toEqual({ retryAfterMs: 0 });
  });

  it("counts a date from the answer's own clock", () => {
    expect(read({ 'retry-after': 'Sun, 01 Mar 2026 15:00:30 GMT', date: 'Sun, 01 Mar 2026 15:00:00 GMT' })).toEqual({
      retryAfterMs: 30_000,
    });
  });

  it('passes over a Retry-After that says nothing', () => {
    for (const text of ['', 'soon', '-5', '1 minute', '.', '2026-03-01']) {
      expect(read({ 'retry-after': text }), text).toBeUndefined();
    }
  });

  it("reads Didomi's RateLimit and RateLimit-Policy (draft 7)", () => {
    expect(read({ ratelimit: 'limit=100, remaining=60, reset=7', 'ratelimit-policy': '100;w=15' })).toEqual({
      policy: { requests: 100, windowMs: 15_000 },
      remaining: 60,
      resetMs: 7000,
    });
  });

  it('reads the drafts before and after', () => {
    expect(read({ 'ratelimit-limit': '10, 10;w=1', 'ratelimit-remaining': '3', 'ratelimit-reset': '2' })).toEqual({
      policy: { requests: 10, windowMs: 1000 },
      remaining: 3,
      resetMs: 2000,
    });
    expect(read({ ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' })).toEqual({
      policy: { requests: 100, windowMs: 60_000 },
      remaining: 50,
      resetMs: 30_000,
    });
  });

  it('takes the policy that allows the fewest requests per time', () => {
    expect(read({ 'ratelimit-policy': '100;w=15, 1000;w=3600;comment="hour"' })).toEqual({
      policy: { requests: 1000, windowMs: 3_600_000 },
    });
  });

  it("reads OneTrust's headers", () => {
    expect(
      read({ 'retry-after': '55', 'ot-requests-allowed': '20000', 'ot-period': 'MINUTE', 'ot-request-made': '20009' }),
    ).toEqual({ policy: { requests: 20_000, windowMs: 60_000 }, remaining: 0, retryAfterMs: 55_000 });
    expect(read({ 'ot-requests-allowed': '200000', 'ot-period': 'hour', 'ot-request-made': '150000' })).toEqual({
      policy: { requests: 200_000, windowMs: 3_600_000 },
      remaining: 50_000,
    });
  });

  it('passes over policies that make no sense', () => {
    for (const policy of ['0;w=15', '100;w=0', '100', 'w=15', '-1;w=15', '1e9;w=1']) {
      expect(read({ 'ratelimit-policy': policy }), policy).toBeUndefined();
    }
    expect(read({ 'ot-requests-allowed': '5', 'ot-period': 'DAY' })).toBeUndefined();
    expect(read({ ratelimit: 'limit=100' })).toBeUndefined();
  });
});
