import { type FileHandle, open, stat } from 'node:fs/promises';
import { checkSummaryFile, SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import type { Message } from '../output/messages/message.js';
import { reportWouldReplace } from '../output/messages/report-messages.js';
import { cantOpenOutput, outputFailed } from '../output/messages/run-messages.js';
import type { Summary } from '../output/summary.js';
import type { ReportDetails } from './details.js';
import { reportHtml } from './report.js';
import { REPORT_MARK } from './style.js';

/**
 * Finds out whether a report could be written there. A file that is no report is never replaced: it may be an input.
 * @returns what is wrong; undefined when nothing is
 */
export async function reportProblem(path: string): Promise<Message | undefined> {
  try {
    await checkSummaryFile(path);
  } catch (error) {
    if (!(error instanceof SummaryFileError)) throw error;
    return cantOpenOutput('--report', path, error.reason);
  }
  return (await isReplaceable(path)) ? undefined : reportWouldReplace(path);
}

/**
 * Writes a report whole, or leaves what was there.
 * @returns what went wrong; undefined when nothing did
 */
export async function writeReport(
  path: string,
  summary: Summary,
  details: ReportDetails | undefined,
  { umask }: Pick<CommandContext, 'umask'>,
): Promise<Message | undefined> {
  try {
    await writeSummaryFile(path, reportHtml(summary, details), 0o666 & ~umask);
    return undefined;
  } catch (error) {
    // Whatever it is, what the run did stands, and its exit code with it.
    const reason = error instanceof SummaryFileError ? error.reason : `a bug: ${(error as Error).name}`;
    return outputFailed('--report', path, reason);
  }
}

/** Nothing, an empty file, a report, or what is no file at all (a pipe, a device). */
async function isReplaceable(path: string): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    // A pipe that is opened waits for its other end.
    if (!(await stat(path)).isFile()) return true;
    file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(REPORT_MARK.length), 0, REPORT_MARK.length, 0);
    return bytesRead === 0 || buffer.toString('latin1', 0, bytesRead) === REPORT_MARK;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  } finally {
    await file?.close();
  }
}
