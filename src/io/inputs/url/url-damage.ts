import type { InputDamage } from '../../../core/input.js';

export function notHttps(shown: string): InputDamage {
  const message = `${shown} is not read, or leads to an address that is not read: only https:// and s3:// are (http:// on this machine). Download it by hand and import the file.`;
  return { code: 'not_importable', message };
}

export function tooManyRedirects(shown: string): InputDamage {
  return { code: 'unreadable', message: `${shown} leads in a circle of redirects. Check the address.` };
}

export function refused(shown: string, status: number): InputDamage {
  if (status === 404 || status === 410) {
    return { code: 'missing', message: `${shown} does not exist (status ${status}). Check the address.` };
  }
  const next = status === 401 || status === 403 ? 'Get an address that is still valid' : 'Try again later';
  return { code: 'unreadable', message: `${shown} can't be read: the server answered with status ${status}. ${next}.` };
}
