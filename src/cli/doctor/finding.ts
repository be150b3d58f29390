import type { EndReason } from '../../core/run.js';

/** What is looked at, in the order of the report. */
export const CHECKS = {
  node: 'Node.js',
  settings: 'settings',
  credentials: 'credentials',
  proxy: 'proxy',
  tls: 'TLS',
  session: 'session',
  address: 'address',
  clock: 'clock',
  purposes: 'purposes',
  collectionPoint: 'collection point',
  ledger: 'ledger',
  disk: 'disk',
  rejects: 'rejects folder',
} as const;

/** What was found of one thing that an import needs. */
export interface Finding {
  readonly check: keyof typeof CHECKS;
  /** `skipped`: it could not be looked at, or there is nothing to look at. */
  readonly verdict: 'ok' | 'warning' | 'problem' | 'skipped';
  /** One line. */
  readonly found: string;
  /** What to do. */
  readonly advice?: string;
  /** More about it, a line each. */
  readonly more?: readonly string[];
  /** Of a problem: how an import would end because of it. */
  readonly reason?: EndReason;
}
