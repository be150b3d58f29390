import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home folder as the environment tells it; undefined in a bare cron or container. */
export function homeFolder(env: Environment): string | undefined {
  return absolute(env['HOME']) ?? absolute(env['USERPROFILE']);
}

/** The user's own config file. */
export function userConfigFile(env: Environment): string | undefined {
  return below(env, env['XDG_CONFIG_HOME'], '.config', 'config.json');
}

/** Where ledgers are kept unless `--ledger` says otherwise. */
export function defaultLedgerFolder(env: Environment): string | undefined {
  return below(env, env['XDG_STATE_HOME'], join('.local', 'state'));
}

/** The XDG rule: the variable's folder if it is absolute, else a fixed one below home. */
function below(env: Environment, base: string | undefined, otherwise: string, ...rest: string[]): string | undefined {
  const home = homeFolder(env);
  const folder = absolute(base) ?? (home === undefined ? undefined : join(home, otherwise));
  return folder === undefined ? undefined : join(folder, 'consent-import', ...rest);
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
