import { isHidden, type LeftOutReason, reasonInFolder } from './left-out.js';
import type { Selection } from './walk.js';

/** Everything in a folder that the user named. */
export const WHOLE_FOLDER: Selection = {
  folder: (_path, name, isLink) => folderInFolder(name, isLink),
  file: (_path, name) => reasonInFolder(name) ?? true,
};

/** Whether a folder inside a folder that the user named is entered. */
export function folderInFolder(name: string, isLink: boolean): true | LeftOutReason {
  if (isHidden(name)) return 'hidden';
  return isLink ? 'linked_folder' : true;
}
