import { PingError, ping } from '../../io/ping.js';
import type { CommandContext } from '../context.js';
import { pingFailed } from '../output/messages/network-messages.js';
import type { Reporter } from '../output/reporter.js';
import { networkOf } from '../settings/network.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

const TIMEOUT_MS = 5_000;
const TRIES = 2;

/** Tells `--ping-url` that a run starts, and how it ended: `/start`, `/<exit code>`. A call that fails is a warning. */
export class Pings {
  readonly #settings: Pick<Settings, 'pingUrl' | 'caFile' | 'dryRun'>;
  readonly #context: Pick<CommandContext, 'env' | 'toolVersion'>;
  #begun: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    settings: Pick<Settings, 'pingUrl' | 'caFile' | 'dryRun'>,
    context: Pick<CommandContext, 'env' | 'toolVersion'>,
  ) {
    this.#settings = settings;
    this.#context = context;
  }

  /** Does not wait for the answer. */
  start(): void {
    this.#begun = this.#call('start');
  }

  async end(exitCode: number, reporter: Reporter): Promise<void> {
    // In this order, or a run that ended would seem to be one that began.
    const troubles = [await this.#begun, await this.#call(String(exitCode))];
    for (const trouble of new Set(troubles)) {
      if (trouble !== undefined) reporter.warning(pingFailed(this.#settings.pingUrl ?? '', trouble));
    }
  }

  /** @returns what went wrong */
  async #call(what: string): Promise<string | undefined> {
    const { pingUrl, dryRun } = this.#settings;
    // A dry run is not the job that is watched.
    if (pingUrl === undefined || dryRun) return undefined;
    const url = new URL(`${pingUrl}/${what}`);
    let trouble: string | undefined;
    for (let i = 0; i < TRIES; i += 1) {
      try {
        const network = networkOf(this.#settings, this.#context.env);
        const { toolVersion } = this.#context;
        await ping(url, {
          ...{ timeoutMs: TIMEOUT_MS, ca: network.ca, proxy: network.proxyFor(url) },
          userAgent: `consent-import/${toolVersion}`,
        });
        return undefined;
      } catch (error) {
        if (error instanceof UsageError) return error.message;
        if (!(error instanceof PingError)) throw error;
        trouble = error.message;
      }
    }
    return trouble;
  }
}
