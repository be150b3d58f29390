import { describe, expect, it } from 'vitest';
import { defaultLedgerFolder, userConfigFile } from '../../../src/cli/settings/folders.js';

describe('where ledgers are kept', () => {
  it.each([
    ['linux', { HOME: '/home/me' }, '/home/me/.local/state/consent-import'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: '/var/state' }, '/var/state/consent-import'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/consent-import'],
    ['linux', { HOME: '/home/me', LOCALAPPDATA: '/app' }, '/home/me/.local/state/consent-import'],
    ['darwin', { HOME: '/Users/me' }, '/Users/me/.local/state/consent-import'],
    ['linux', {}, undefined],
    ['win32', { USERPROFILE: 'C:\\Users\\me', LOCALAPPDATA: 'D:\\Local' }, 'D:\\Local\\consent-import'],
    ['win32', { USERPROFILE: 'C:\\Users\\me' }, 'C:\\Users\\me\\.local\\state\\consent-import'],
    ['win32', { LOCALAPPDATA: 'D:\\Local', XDG_STATE_HOME: 'E:\\s' }, 'E:\\s\\consent-import'],
    ['win32', {}, undefined],
  ] as const)('%s with %j: %s', (system, env, expected) => {
    expect(defaultLedgerFolder(env, system)).toBe(expected);
  });
});

describe("the user's own config file", () => {
  it.each([
    ['linux', { HOME: '/home/me' }, '/home/me/.config/consent-import/config.json'],
    ['linux', { XDG_CONFIG_HOME: '/etc/me' }, '/etc/me/consent-import/config.json'],
    ['win32', { APPDATA: 'C:\\Roaming', LOCALAPPDATA: 'D:\\Local' }, 'C:\\Roaming\\consent-import\\config.json'],
    ['win32', { USERPROFILE: 'C:\\me' }, 'C:\\me\\.config\\consent-import\\config.json'],
  ] as const)('%s with %j: %s', (system, env, expected) => {
    expect(userConfigFile(env, system)).toBe(expected);
  });
});
