import { platform } from 'node:os';
import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home folder as the environment tells it; undefined in a bare cron or container. */
export function homeFolder(env: Environment, system = platform()): string | undefined {
  return absolute(env['HOME'], system) ?? absolute(env['USERPROFILE'], system);
}

/** The user's own config file. */
export function userConfigFile(env: Environment, system = platform()): string | undefined {
  const roaming = system === 'win32' ? env['APPDATA'] : undefined;
  const folder = below(env, [env['XDG_CONFIG_HOME'], roaming], '.config', system);
  return folder === undefined ? undefined : pathsOf(system).join(folder, 'config.json');
}

/** Where ledgers are kept unless `--ledger` says otherwise. On Windows: not where a roaming profile would copy them about. */
export function defaultLedgerFolder(env: Environment, system = platform()): string | undefined {
  const local = system === 'win32' ? env['LOCALAPPDATA'] : undefined;
  return below(env, [env['XDG_STATE_HOME'], local], pathsOf(system).join('.local', 'state'), system);
}

/** The XDG rule: the first of these folders that is absolute, else a fixed one below home. */
function below(
  env: Environment,
  bases: readonly (string | undefined)[],
  otherwise: string,
  system: NodeJS.Platform,
): string | undefined {
  const { join } = pathsOf(system);
  const home = homeFolder(env, system);
  const base = bases.find((path) => absolute(path, system) !== undefined);
  const folder = base ?? (home === undefined ? undefined : join(home, otherwise));
  return folder === undefined ? undefined : join(folder, 'consent-import');
}

function absolute(path: string | undefined, system: NodeJS.Platform): string | undefined {
  return path !== undefined && pathsOf(system).isAbsolute(path) ? path : undefined;
}

function pathsOf(system: NodeJS.Platform): typeof posix {
  return system === 'win32' ? win32 : posix;
}
