import type { OneTrustClient } from '../../targets/onetrust/platform-authorize.js';
import { missingOption, platformClientMissing } from '../output/messages/settings-messages.js';
import { UsageError } from '../usage-error.js';
import type { Surroundings } from './resolve.js';
import type { Settings } from './settings.js';

/** Where receipts are read back, and as whom. */
export interface Platform {
  readonly url: string;
  readonly client: OneTrustClient;
}

/**
 * OneTrust's platform: its address from `--platform-url`, for it is another host than the one that takes receipts; the
 * OAuth client from ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET.
 * @throws {UsageError} for what is missing
 */
export function requirePlatform({ platformUrl }: Settings, env: Surroundings['env']): Platform {
  const id = (env['ONETRUST_CLIENT_ID'] ?? '').trim();
  const secret = (env['ONETRUST_CLIENT_SECRET'] ?? '').trim();
  const missing = [id === '' ? 'ONETRUST_CLIENT_ID' : '', secret === '' ? 'ONETRUST_CLIENT_SECRET' : ''];
  const variables = missing.filter((name) => name !== '');
  const problems = [
    ...(platformUrl === undefined
      ? [missingOption('--platform-url', 'CONSENT_IMPORT_PLATFORM_URL', 'platformUrl', WHERE)]
      : []),
    ...(variables.length === 0 ? [] : [platformClientMissing(variables)]),
  ];
  if (platformUrl === undefined || problems.length > 0) throw new UsageError(problems);
  return { url: platformUrl, client: { id, secret } };
}

const WHERE = "the address of OneTrust's platform, which shows receipts (https://app.onetrust.com, say)";
