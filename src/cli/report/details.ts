import type { RejectGroup, RunResult, Tally } from '../../core/run.js';
import type { Recording } from '../import/series-recorder.js';
import type { Message } from '../output/messages/message.js';

/** What a report tells besides the summary: only who was there while the run went on knows it. */
export interface ReportDetails {
  /** Whose records they are, in words; undefined where that is not known. */
  readonly owner: string | undefined;
  /** Why the run stopped, or could not begin, in the program's own words. */
  readonly said: readonly string[];
  /** What is wrong with each file, in the order of the summary's files. */
  readonly damages: readonly (string | undefined)[];
  readonly rejectGroups: readonly RejectGroup[];
  readonly warnedFirst: Tally['warnedFirst'];
  readonly recording: Recording | undefined;
}

export function detailsOf(
  { stop, tally }: RunResult,
  owner: string | undefined,
  recording: Recording | undefined,
): ReportDetails {
  // Of a bug, the lines behind the first are for the developer.
  const said = stop === undefined ? [] : [stop.message.split('\n', 1)[0]!];
  return {
    owner,
    said,
    damages: tally.files.map(({ damage }) => damage?.message),
    rejectGroups: tally.rejectGroups,
    warnedFirst: tally.warnedFirst,
    recording,
  };
}

/** Of a command that was refused before it had a run. */
export function detailsOfProblems(problems: readonly Message[]): ReportDetails {
  return {
    owner: undefined,
    said: problems.map(({ text }) => text),
    damages: [],
    rejectGroups: [],
    warnedFirst: {},
    recording: undefined,
  };
}
